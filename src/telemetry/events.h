// Everything that the daemon says to the outside: one function an event, which makes its log line and its metric
// together. No function takes a message value: what is not passed cannot leak. Thread-safe. Metric names:
// docs/operations.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sqs2pg::telemetry {

enum class LogFormat { Text, Json };
enum class LogLevel { Debug, Info, Warn, Error, Off };

struct LogOptions {
    LogFormat format = LogFormat::Text;
    LogLevel level = LogLevel::Info;
    // Takes each finished line, without its newline, one call at a time, from any thread. Empty: stderr.
    std::function<void(std::string_view line)> sink;
};

// nullopt for anything but "text" and "json"; "debug", "info", "warn", "error" and "off".
std::optional<LogFormat> log_format_from(std::string_view name) noexcept;
std::optional<LogLevel> log_level_from(std::string_view name) noexcept;

// The outcomes of sqs2pg_messages_settled_total, in the contract's order.
struct PipelineFigures {
    std::uint64_t received = 0;
    std::uint64_t inserted = 0, duplicate = 0, dead_lettered = 0, ignored = 0, released = 0, abandoned = 0;
    std::uint64_t rows_written = 0;
    std::int64_t in_flight = 0;
    std::uint64_t delete_failures = 0;
    std::uint64_t blocked_groups = 0;  // of a FIFO queue with `bad_message: block`, as this process knows them
    std::uint64_t transactions = 0;
    double transaction_seconds = 0;  // sum
    double lag_seconds_last = 0;     // of the last batch's oldest message, sent to committed
    std::string paused_cause;        // empty: running
    std::string paused_detail;
    std::string paused_how_to_end;

    std::uint64_t settled() const noexcept {
        return inserted + duplicate + dead_lettered + ignored + released + abandoned;
    }
};

class Telemetry;

// The events of one pipeline. Cheap to call from the hot path: once a reply or a batch, never once a message, except
// for dead letters. What belongs together (received and in_flight, an outcome and in_flight) is called without an await
// in between: a scrape looks again until received = settled + in flight. Borrows the telemetry, which outlives it;
// events of the same name count together.
class PipelineEvents {
   public:
    PipelineEvents(Telemetry& telemetry, std::string pipeline);
    ~PipelineEvents();

    void received(std::uint64_t messages);
    void in_flight(std::int64_t change);  // added to the gauge
    void inserted(std::uint64_t messages);
    void duplicate(std::uint64_t messages);
    void dead_lettered(std::uint64_t messages);  // settled as such
    void ignored(std::uint64_t messages);
    void released(std::uint64_t messages);
    void abandoned(std::uint64_t messages,
                   std::string_view cause);  // cause: "lease_lost", "bad_md5", "visibility_cap" …

    // A dead letter was stored. Logged at warn, at most a few a second with a count of what was left out.
    void dead_letter(std::string_view reason, std::string_view place, std::string_view message_id);
    // A bad message blocks its message group (`bad_message: block`); said once a group, which is never named.
    void group_blocked(std::string_view reason, std::string_view place, std::string_view message_id,
                       double retry_in_seconds);
    void blocked_groups(std::uint64_t groups);  // as many as there are now
    void committed(std::uint64_t rows, std::uint64_t entries, double seconds, double lag_seconds);
    void transaction_failed(const Error& error, std::uint64_t entries, double retry_in_seconds);
    void table_changed(std::uint64_t messages);  // it was altered; so many held messages were mapped anew
    void batch_bisected(std::string_view sqlstate, std::uint64_t entries);
    void receive_failed(const Error& error, double retry_in_seconds);
    void sqs_request(std::string_view operation, std::string_view outcome, double seconds);
    // Objects in S3 (`unwrap: s3-pointer`): a call with its retries; one that failed and is tried again; one that was
    // to be deleted and stays.
    void s3_call(std::string_view operation, std::string_view outcome);
    void object_failed(const Error& error, double retry_in_seconds);
    void object_left(std::string_view code);
    void delete_failed(std::uint64_t entries, std::string_view code, bool will_retry);
    void visibility_extension_failed(std::uint64_t entries, std::string_view code);
    void path_never_matched(std::string_view path, std::uint64_t messages);  // said once a path
    // Each worker that pauses for a cause (the error's code) says so once, and once that it does no longer: a cause is
    // logged and shown while there is any. Of several the latest is shown.
    void paused(const Error& error, std::string_view how_to_end);
    void resumed(const Error& error);
    void ended_paused(const Error& error);  // the worker ended before its pause did: no line
    void maintenance_failed(const Error& error);
    void ledger_bytes(std::int64_t bytes);
    void started(std::string_view queue, std::string_view table, int workers);
    void stopping(std::string_view why);
    void restarting();  // with a changed configuration, key or table
    void drained();     // said once, however many workers tell it
    void waiting_for(std::string_view what, const Error& error, double retry_in_seconds);  // at start-up
    void failed(const Error& error);                                                       // what ended the pipeline
    void warning(std::string_view sentence);
    void finished(double seconds);  // the figures of the whole run as one line

    PipelineFigures figures() const;
    std::map<std::string, std::uint64_t> dead_letters_by_reason() const;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The registry, the logger and what belongs to the process as a whole.
class Telemetry {
   public:
    explicit Telemetry(LogOptions options);
    ~Telemetry();
    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    std::string prometheus_text() const;  // text exposition format 0.0.4

    // Process events.
    void process_started(std::string_view version, std::string_view configuration);
    void process_stopping(std::string_view signal);
    void process_stopped(int exit_code);
    void waiting_for(std::string_view what, const Error& error, double retry_in_seconds);
    void warning(std::string_view sentence);  // findings of start-up that name no value
    void info(std::string_view sentence);
    void failure(const Error& error);
    // `identity` tells one set of credentials from another; the metric is of the one that ends first. Without an end:
    // absent.
    void credentials_renewed(const std::string& identity, std::string_view source, std::optional<double> seconds_left);
    // `keeps_older`: valid ones are at hand and stay in use.
    void credentials_not_renewed(const Error& error, bool keeps_older);

    struct Impl;
    Impl& impl() noexcept { return *impl_; }

   private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::telemetry
