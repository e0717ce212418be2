/** What a promise rejects with; a promise that resolves is the failure here. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  );
  if ('reason' in outcome) return outcome.reason;
  throw new Error(`expected a rejection, but it resolved with ${JSON.stringify(outcome.value)}`);
}
