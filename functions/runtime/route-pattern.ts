/** Which path pattern in API Gateway's notation (`/connections/{id}`) a path fits: for logs, metrics and 405s. */

/** True where every segment of `path` is that of `pattern`, or stands for one of its parameters. */
export function fitsPattern(pattern: string, path: string): boolean {
  const expected = pattern.split('/');
  const received = path.split('/');
  return (
    expected.length === received.length &&
    expected.every((segment, index) => (isParameter(segment) ? received[index] !== '' : segment === received[index]))
  );
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}');
}
