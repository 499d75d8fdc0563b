// Node's consumer: sqs-consumer, many of them a process, whose receives of ten are gathered by `Inserter` into
// transactions of hundreds of rows; each consumer deletes its ten once their transaction is committed. What cannot
// become a row is not acknowledged: the queue's redrive policy takes it to the dead-letter queue, and its neighbours
// are written.
import cluster from "node:cluster";
import { createHmac } from "node:crypto";
import { SQSClient } from "@aws-sdk/client-sqs";
import pg from "pg";
import { Consumer } from "sqs-consumer";

const PROCESSES = Number(process.env.PROCESSES ?? 2); // the SDK takes a core in each
const CONSUMERS = Number(process.env.CONSUMERS ?? 60); // a process: most wait for a commit while others receive
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 1);
const ROWS = 500;
const INSERT = {
    name: "insert", // prepared once a connection
    text: `INSERT INTO user_logins (user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::date[])`,
};

const masked = (value) => createHmac("sha256", process.env.MASKING_KEY).update(value).digest("hex");

// Throws for what cannot become a row.
function rowOf(message) {
    const login = JSON.parse(message.Body);
    const version = Number(login.app_version.split(".")[0]);
    if (!Number.isInteger(version)) throw new TypeError("app_version is no number");
    const sent = new Date(Number(message.Attributes.SentTimestamp)).toISOString().slice(0, 10);
    return [login.user_id, login.device_type, masked(login.ip), masked(login.device_id), login.locale, version, sent];
}

// Rows of all consumers of this process, written together: while a transaction runs, the next one gathers.
class Inserter {
    pending = [];
    free = [];

    async connect(connections) {
        for (let number = 0; number < connections; number++) {
            const connection = new pg.Client(); // PGHOST and the others
            await connection.connect();
            this.free.push(connection);
        }
    }

    // Resolves to those of the pairs of [message, row] that are committed.
    write(pairs) {
        return new Promise((resolve, reject) => {
            this.pending.push({ pairs, resolve, reject });
            this.next();
        });
    }

    async next() {
        if (!this.pending.length || !this.free.length) return;
        const connection = this.free.pop();
        const waiting = this.pending.splice(0, ROWS / 10);
        try {
            await this.insert(connection, waiting.flatMap((one) => one.pairs));
            for (const { pairs, resolve } of waiting) resolve(pairs);
        } catch (error) {
            for (const { pairs, resolve, reject } of waiting) {
                try {
                    resolve(await this.oneByOne(connection, pairs, error));
                } catch (other) {
                    reject(other);
                }
            }
        }
        this.free.push(connection);
        this.next();
    }

    insert(connection, pairs) {
        const columns = [0, 1, 2, 3, 4, 5, 6].map((column) => pairs.map(([, row]) => row[column]));
        return connection.query({ ...INSERT, values: columns });
    }

    // One refused row must not take its neighbours along.
    async oneByOne(connection, pairs, error) {
        const ofRow = (problem) => ["22", "23"].includes(problem.code?.slice(0, 2));
        if (!ofRow(error)) throw error;
        const written = [];
        for (const pair of pairs) {
            try {
                await this.insert(connection, [pair]);
                written.push(pair);
            } catch (problem) {
                if (!ofRow(problem)) throw problem;
                console.error(`refused ${pair[0].MessageId}: ${problem.code}`);
            }
        }
        return written;
    }
}

async function work() {
    const inserter = new Inserter();
    await inserter.connect(CONNECTIONS);
    const sqs = new SQSClient({ requestHandler: { httpAgent: { keepAlive: true, maxSockets: CONSUMERS } } });
    const consumers = Array.from({ length: CONSUMERS }, () => Consumer.create({
        queueUrl: process.env.QUEUE_URL, sqs, batchSize: 10, waitTimeSeconds: 1, pollingCompleteWaitTimeMs: 10_000,
        messageSystemAttributeNames: ["SentTimestamp"],
        handleMessageBatch: async (messages) => {
            const pairs = [];
            for (const message of messages) {
                try {
                    pairs.push([message, rowOf(message)]);
                } catch (problem) {
                    console.error(`skipped ${message.MessageId}: ${problem.name}`);
                }
            }
            return pairs.length ? (await inserter.write(pairs)).map(([message]) => message) : [];
        },
    }));
    let running = consumers.length;
    for (const consumer of consumers) {
        consumer.on("error", (problem) => console.error(`${problem.name} ${problem.code ?? ""}`));
        consumer.on("stopped", () => --running || process.exit(0));
        consumer.start();
    }
    process.once("SIGTERM", () => consumers.forEach((consumer) => consumer.stop()));
}

if (cluster.isPrimary) {
    for (let number = 0; number < PROCESSES; number++) cluster.fork();
    process.once("SIGTERM", () => Object.values(cluster.workers).forEach((worker) => worker.process.kill("SIGTERM")));
} else {
    await work();
}
