/** When a token expires, for browsers whose clock is wrong. */

/** By this browser's clock, given what the server's one showed when it answered: the response's Date. */
export function expiresHere(expiresAt: string, answeredAt: string | null, now = Date.now()): number {
  const serverNow = Date.parse(answeredAt ?? "");
  return Date.parse(expiresAt) + (Number.isNaN(serverNow) ? 0 : now - serverNow);
}
