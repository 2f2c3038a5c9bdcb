"""Plays with paho-mqtt the calls that standard input lists, one JSON object a line, and prints what each heard, a line each."""

import json
import ssl
import sys
import time

import paho.mqtt.client as mqtt

PROTOCOLS = {3: mqtt.MQTTv31, 4: mqtt.MQTTv311, 5: mqtt.MQTTv5}
TLS_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
LONGEST = 15  # seconds for one call


def client_for(call):
    options = {"client_id": call["clientId"], "protocol": PROTOCOLS[call["version"]]}
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho 2 wants to be told that callbacks are those of paho 1
        options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION1
    client = mqtt.Client(**options)
    context = ssl.create_default_context(cafile=call["caFile"])
    context.load_cert_chain(call["certFile"], call["keyFile"])
    if "tls" in call:
        context.minimum_version = context.maximum_version = TLS_VERSIONS[call["tls"]]
    client.tls_set_context(context)
    if "userName" in call:
        client.username_pw_set(call["userName"])
    return client


def play(call):
    heard = {}
    client = client_for(call)
    wants = "message" if call.get("asksForToken") else "code"

    def on_connect(client, _userdata, _flags, code, properties=None):
        heard["code"] = code if isinstance(code, int) else code.value
        heard["tls"] = client.socket().version()
        heard["reason"] = getattr(properties, "ReasonString", "")
        if heard["code"] == 0 and wants == "message":
            client.subscribe("s/dat")

    def on_message(_client, _userdata, message):
        heard["message"] = message.payload.decode()

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: client.publish("s/uat")
    client.on_message = on_message
    client.connect("127.0.0.1", call["port"])
    deadline = time.monotonic() + LONGEST
    while wants not in heard and heard.get("code", 0) == 0 and time.monotonic() < deadline:
        client.loop(0.1)
    client.disconnect()
    client.loop(0.1)
    return heard


for line in sys.stdin:
    try:
        print(json.dumps(play(json.loads(line))), flush=True)
    except Exception as error:  # the test shows it
        print(json.dumps({"error": repr(error)}), flush=True)
