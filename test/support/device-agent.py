"""Does what Cumulocity's device-management agent does, in its order (wire-contract §5.2), with paho-mqtt and urllib alone.

Standard input holds one JSON object: port, http, caFile, certFile, keyFile, deviceId, basic ("tenant/user:password"), interval
(seconds) and rounds. Each round asks for the token and works with it; what was seen is printed, a JSON object a line. Ends with 1
and the reason at the first thing that is not as the agent needs it.
"""

import base64
import json
import queue
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request

import paho.mqtt.client as mqtt

COLLECTION = "c8y-dm-agent-v1.0"
LONGEST = 15  # seconds for one answer

wish = json.load(sys.stdin)
device = wish["deviceId"]
messages = queue.Queue()


def tell(**seen):
    print(json.dumps(seen), flush=True)


def need(holds, what):
    if not holds:
        sys.exit(f"not as the agent needs it: {what}")


def connected_client():
    options = {"client_id": f"d:{device}:{COLLECTION}", "protocol": mqtt.MQTTv311}
    if hasattr(mqtt, "CallbackAPIVersion"):
        options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION1
    client = mqtt.Client(**options)
    context = ssl.create_default_context(cafile=wish["caFile"])
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(wish["certFile"], wish["keyFile"])
    client.tls_set_context(context)
    answered = threading.Event()
    ended = []
    client.on_connect = lambda _client, _userdata, _flags, code: (need(code == 0, f"CONNACK {code}"), answered.set())
    client.on_disconnect = lambda _client, _userdata, code: ended.append(code)
    client.on_message = lambda _client, _userdata, message: messages.put((message.topic, message.payload.decode()))
    client.connect("127.0.0.1", wish["port"])
    client.loop_start()
    need(answered.wait(LONGEST), "a CONNACK")
    return client, ended


def subscribe(client, *topics):
    granted = queue.Queue()
    client.on_subscribe = lambda _client, _userdata, _mid, codes: granted.put(list(codes))
    client.subscribe([(topic, 2) for topic in topics])
    codes = granted.get(timeout=LONGEST)
    need(codes == [2] * len(topics), f"SUBACK {codes} for {topics}")


def publish(client, topic, payload, qos=1):
    began = time.monotonic()
    info = client.publish(topic, payload, qos)
    info.wait_for_publish(LONGEST)
    need(info.is_published(), f"the end of the handshake of {payload[:20]}")
    return time.monotonic() - began


def rest(method, path, authorization, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": authorization, "Accept": "application/json", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{wish['http']}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=LONGEST) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def work_over_http(authorization):
    """What the agent asks at its start; the answer is the id of its managed object."""
    status, _ = rest("GET", f"/identity/externalIds/c8y_SmartRest2DeviceIdentifier/{COLLECTION}", authorization)
    need(status == 404, f"404 for a template collection that nobody made, not {status}")
    status, identity = rest("GET", f"/identity/externalIds/c8y_Serial/{device}", authorization)
    need(status == 200, f"the external id: {status} {identity}")
    managed = identity["managedObject"]["id"]
    status, listed = rest("GET", f"/devicecontrol/operations?status=EXECUTING&deviceId={managed}", authorization)
    need(status == 200 and listed["operations"] == [], f"operations: {status} {listed}")
    status, changed = rest("PUT", f"/inventory/managedObjects/{managed}", authorization, {"c8y_Network": {"c8y_LAN": {"ip": "192.0.2.7"}}})
    need(status == 200 and changed["id"] == managed, f"its own object: {status} {changed}")
    status, error = rest("POST", f"/service/advanced-software-mgmt/software?deviceId={managed}", authorization, [{"name": "agent"}])
    need(status == 404 and error["error"] and error["message"], f"404 in the form of errors, not {status} {error}")
    return managed


client, ended = connected_client()
subscribe(client, "s/e")
seconds = publish(client, "s/us", f"100,Agent {device},c8y_dm_example_device", qos=2)
tell(introduced=seconds, tls=client.socket().version())
for line in [
    '113,"mqtt.url=localhost\nmqtt.ping.interval=60"',
    "143,apt,docker",
    "122,c8y-dm-agent,1.0,https://example.com/agent,works",
    "119,agentlog,dockerlog",
    '400,c8y_AgentStarted,"Agent started, all is well"',
    "118,agentlog,dockerlog",
    "503,c8y_Restart",
    "114,c8y_Restart,c8y_Configuration,c8y_LogfileRequest,c8y_SoftwareUpdate",
    "117,10",
    "110,4711,Raspberry,rev 3",
    "115,Debian,12,https://debian.org",
]:
    publish(client, "s/us", line)
publish(client, f"s/uc/{COLLECTION}", "dm100,1,2,3")
subscribe(client, "s/ds", "s/dat", f"s/dc/{COLLECTION}")

basic = "Basic " + base64.b64encode(wish["basic"].encode()).decode()
for number in range(wish["rounds"]):
    if number > 0:
        time.sleep(wish["interval"])
    publish(client, "s/uat", "", qos=0)
    managed_by_basic = work_over_http(basic) if number == 0 else None
    topic, payload = messages.get(timeout=LONGEST)
    need(topic == "s/dat" and payload.startswith("71,"), f"a token, not {topic} {payload}")
    managed = work_over_http("Bearer " + payload.split(",")[1])
    need(managed_by_basic in (None, managed), "one managed object")
    need(not ended, f"a connection that stays, not {ended}")
    tell(round=number + 1, managed=managed)

need(messages.empty(), "nothing but tokens")
client.disconnect()
client.loop_stop()
