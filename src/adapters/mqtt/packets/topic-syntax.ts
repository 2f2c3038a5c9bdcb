/** Control characters and non-characters (which [MQTT-1.5.3] lets a server refuse), and U+FFFD, in which broken ids collide (D-8). */
const UNFIT = /[\p{Cc}\p{Noncharacter_Code_Point}\uFFFD]/u;

/** Whether a text may name something: a device, a topic. */
export const isFitForNames = (text: string): boolean => !UNFIT.test(text);

/** [MQTT-3.3.2-2], [MQTT-4.7.3-1]. */
export const isTopicName = (topic: string): boolean => topic !== '' && !/[+#]/.test(topic) && isFitForNames(topic);

/** [MQTT-4.7.1-2], [MQTT-4.7.1-3]: a wildcard fills its level, and `#` is the last. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '' || !isFitForNames(filter)) return false;
  const levels = filter.split('/');
  return levels.every((level, i) => level === '+' || (level === '#' && i === levels.length - 1) || !/[+#]/.test(level));
}
