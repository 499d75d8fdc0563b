// One function a kind of metric; names, types and labels are the contract's, see metrics.h.
#include "telemetry/metrics.h"

#include <functional>
#include <sstream>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace sqs2pg::telemetry {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Fills the family's samples of one pipeline.
using Samples = std::function<void(MetricFamily&, const NamedSnapshot&)>;

ClientMetric labelled(const NamedSnapshot& from, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.label.insert(metric.label.begin(), {"pipeline", from.pipeline});
    return metric;
}

void add_counter(MetricFamily& family, const NamedSnapshot& from, std::uint64_t value, Labels labels = {}) {
    auto metric = labelled(from, std::move(labels));
    metric.counter.value = static_cast<double>(value);
    family.metric.push_back(std::move(metric));
}

void add_gauge(MetricFamily& family, const NamedSnapshot& from, double value, Labels labels = {}) {
    auto metric = labelled(from, std::move(labels));
    metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
}

void add_histogram(MetricFamily& family, const NamedSnapshot& from, const Histogram& histogram, Labels labels = {}) {
    auto metric = labelled(from, std::move(labels));
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
        cumulative += histogram.counts()[i];
        metric.histogram.bucket.push_back({cumulative, histogram.bounds()[i]});
    }
    metric.histogram.sample_count = cumulative + histogram.counts().back();
    metric.histogram.sample_sum = histogram.sum();
    family.metric.push_back(std::move(metric));
}

void settled_samples(MetricFamily& family, const NamedSnapshot& from) {
    const auto& f = from.snapshot.figures;
    add_counter(family, from, f.inserted, {{"outcome", "inserted"}});
    add_counter(family, from, f.duplicate, {{"outcome", "duplicate"}});
    add_counter(family, from, f.dead_lettered, {{"outcome", "dead_lettered"}});
    add_counter(family, from, f.ignored, {{"outcome", "ignored"}});
    add_counter(family, from, f.released, {{"outcome", "released"}});
    add_counter(family, from, f.abandoned, {{"outcome", "abandoned"}});
}

void dead_letter_samples(MetricFamily& family, const NamedSnapshot& from) {
    for (const auto& [reason, count] : from.snapshot.dead_letters) {
        add_counter(family, from, count, {{"reason", reason}});
    }
}

void request_samples(MetricFamily& family, const NamedSnapshot& from) {
    for (const auto& [key, count] : from.snapshot.sqs_requests) {
        add_counter(family, from, count, {{"operation", key.first}, {"outcome", key.second}});
    }
}

void s3_samples(MetricFamily& family, const NamedSnapshot& from) {
    for (const auto& [key, count] : from.snapshot.s3_calls) {
        add_counter(family, from, count, {{"operation", key.first}, {"outcome", key.second}});
    }
}

void request_seconds_samples(MetricFamily& family, const NamedSnapshot& from) {
    for (const auto& [operation, histogram] : from.snapshot.sqs_request_seconds) {
        add_histogram(family, from, histogram, {{"operation", operation}});
    }
}

void paused_samples(MetricFamily& family, const NamedSnapshot& from) {
    // There from the first scrape, so that an alarm on it never meets an absent series.
    if (from.snapshot.paused.empty()) add_gauge(family, from, 0, {{"cause", "none"}});
    for (const auto& [cause, pause] : from.snapshot.paused) {
        add_gauge(family, from, pause.workers > 0 ? 1 : 0, {{"cause", cause}});
    }
}

void ledger_samples(MetricFamily& family, const NamedSnapshot& from) {
    if (from.snapshot.ledger_bytes >= 0) add_gauge(family, from, static_cast<double>(from.snapshot.ledger_bytes));
}

struct Description {
    const char* name;
    const char* help;
    MetricType type;
    void (*samples)(MetricFamily&, const NamedSnapshot&);
};

const Description kMetrics[] = {
    {"sqs2pg_messages_received_total", "Messages that the queue handed over, redeliveries included.",
     MetricType::Counter,
     [](MetricFamily& family, const NamedSnapshot& from) {
         add_counter(family, from, from.snapshot.figures.received);
     }},
    {"sqs2pg_messages_settled_total", "Messages whose time with this process ended, by how it ended.",
     MetricType::Counter, settled_samples},
    {"sqs2pg_messages_in_flight", "Messages received and not settled yet. Counted, not derived.", MetricType::Gauge,
     [](MetricFamily& family, const NamedSnapshot& from) {
         add_gauge(family, from, static_cast<double>(from.snapshot.figures.in_flight));
     }},
    {"sqs2pg_rows_written_total", "Rows committed to target tables.", MetricType::Counter,
     [](MetricFamily& family, const NamedSnapshot& from) {
         add_counter(family, from, from.snapshot.figures.rows_written);
     }},
    {"sqs2pg_dead_letters_total", "Dead letters stored, by reason.", MetricType::Counter, dead_letter_samples},
    {"sqs2pg_batch_rows", "Rows a committed transaction wrote.", MetricType::Histogram,
     [](MetricFamily& family, const NamedSnapshot& from) { add_histogram(family, from, from.snapshot.batch_rows); }},
    {"sqs2pg_transaction_seconds", "Time of a committed transaction, from BEGIN to the answer to COMMIT.",
     MetricType::Histogram,
     [](MetricFamily& family, const NamedSnapshot& from) {
         add_histogram(family, from, from.snapshot.transaction_seconds);
     }},
    {"sqs2pg_lag_seconds", "Age of a batch's oldest message when it was committed: sent to committed.",
     MetricType::Histogram,
     [](MetricFamily& family, const NamedSnapshot& from) { add_histogram(family, from, from.snapshot.lag_seconds); }},
    {"sqs2pg_sqs_requests_total", "HTTP requests to SQS, retries included.", MetricType::Counter, request_samples},
    {"sqs2pg_sqs_request_seconds", "Time of one HTTP request to SQS; a long poll waits in it.", MetricType::Histogram,
     request_seconds_samples},
    {"sqs2pg_s3_calls_total", "Calls of S3 for the objects of messages, each with its retries.", MetricType::Counter,
     s3_samples},
    {"sqs2pg_objects_left_total", "Objects that were to be deleted and stay in their bucket.", MetricType::Counter,
     [](MetricFamily& family, const NamedSnapshot& from) { add_counter(family, from, from.snapshot.objects_left); }},
    {"sqs2pg_delete_failures_total", "Deletes that the queue refused; redelivery and the ledger repair them.",
     MetricType::Counter,
     [](MetricFamily& family, const NamedSnapshot& from) {
         add_counter(family, from, from.snapshot.figures.delete_failures);
     }},
    {"sqs2pg_paused", "1 while the pipeline is paused for this cause.", MetricType::Gauge, paused_samples},
    {"sqs2pg_blocked_groups",
     "Message groups of a FIFO queue that a bad message blocks, as far as this process met them in the last minutes.",
     MetricType::Gauge,
     [](MetricFamily& family, const NamedSnapshot& from) {
         add_gauge(family, from, static_cast<double>(from.snapshot.figures.blocked_groups));
     }},
    {"sqs2pg_ledger_bytes", "Size of the deduplication ledger with its indexes, as last measured.", MetricType::Gauge,
     ledger_samples},
};

}  // namespace

std::string exposition(const std::vector<NamedSnapshot>& pipelines, std::optional<double> credentials_expiry_seconds) {
    std::vector<MetricFamily> families;
    for (const auto& description : kMetrics) {
        MetricFamily family;
        family.name = description.name;
        family.help = description.help;
        family.type = description.type;
        for (const auto& pipeline : pipelines) description.samples(family, pipeline);
        if (!family.metric.empty()) families.push_back(std::move(family));
    }
    if (credentials_expiry_seconds) {
        MetricFamily family{"sqs2pg_credentials_expiry_seconds",
                            "Time until the AWS credentials in use expire.",
                            MetricType::Gauge,
                            {}};
        family.metric.emplace_back().gauge.value = *credentials_expiry_seconds;
        families.push_back(std::move(family));
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return out.str();
}

}  // namespace sqs2pg::telemetry
