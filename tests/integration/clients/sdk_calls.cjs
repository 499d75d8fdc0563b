// The AWS SDK for JavaScript as a process that answers lines: {"operation", "parameters"} in, {"reply"} or {"error"} out.
// Endpoint, region and keys come from the environment, as for every user of the SDK.
const readline = require('node:readline');
const sqs = require('@aws-sdk/client-sqs');

const client = new sqs.SQSClient({ maxAttempts: 1 });

async function answer(line) {
  const { operation, parameters } = JSON.parse(line);
  try {
    const { $metadata, ...reply } = await client.send(new sqs[`${operation}Command`](parameters));
    return { reply };
  } catch (error) {
    return { error: { code: error.name, message: error.message, status: error.$metadata?.httpStatusCode ?? 0 } };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
})();
