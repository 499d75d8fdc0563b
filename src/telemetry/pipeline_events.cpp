// The events of one pipeline: each counts under the record's lock first and logs after it, see events.h.
#include <chrono>
#include <utility>
#include <vector>

#include "telemetry/registry.h"

namespace sqs2pg::telemetry {

namespace {

std::string cause_of(const Error& error) { return error.code.empty() ? std::string(name_of(error.kind)) : error.code; }

}  // namespace

struct PipelineEvents::Impl {
    Logger& logger;
    std::shared_ptr<PipelineRecord> record;

    template <class Change>
    void count(Change change) {
        const std::lock_guard lock(record->mutex);
        change(record->now);
    }

    // Asks the gate under the lock; see RateGate::pass.
    std::optional<std::uint64_t> pass(RateGate& gate) {
        const std::lock_guard lock(record->mutex);
        return gate.pass(std::chrono::steady_clock::now());
    }

    void log(LogLevel level, std::string_view event, std::string_view sentence,
             std::initializer_list<Field> fields = {}) {
        logger.write(level, event, record->name, sentence, fields);
    }

    // A line of a flood: with the count of those before it that were left out, if there were any.
    void log_gated(std::string_view event, std::string_view sentence, std::initializer_list<Field> fields,
                   std::uint64_t left_out, LogLevel level = LogLevel::Warn) {
        std::vector<Field> all(fields);
        if (left_out > 0) all.push_back({"left_out", left_out});
        logger.write(level, event, record->name, sentence, all);
    }

    // Counts that no line has told yet, at the end of a flood.
    void say_left_out() {
        std::uint64_t dead_letters = 0, others = 0;
        {
            const std::lock_guard lock(record->mutex);
            dead_letters = record->dead_letter_lines.take_left_out();
            for (auto* gate :
                 {&record->receive_lines, &record->transaction_lines, &record->delete_lines, &record->abandon_lines}) {
                others += gate->take_left_out();
            }
        }
        if (dead_letters > 0) {
            log(LogLevel::Warn, "dead_letters_left_out", "more dead letters were stored than were logged one by one",
                {{"left_out", dead_letters}});
        }
        if (others > 0) {
            log(LogLevel::Warn, "lines_left_out", "equal log lines were left out", {{"left_out", others}});
        }
    }
};

PipelineEvents::PipelineEvents(Telemetry& telemetry, std::string pipeline)
    : impl_(std::make_unique<Impl>(Impl{telemetry.impl().logger, telemetry.impl().record(pipeline)})) {}

PipelineEvents::~PipelineEvents() = default;

void PipelineEvents::received(std::uint64_t messages) {
    impl_->count([&](FigureSnapshot& now) {
        now.figures.received += messages;
        now.drained_said = now.drained_said && messages == 0;
    });
}

void PipelineEvents::in_flight(std::int64_t change) {
    impl_->count([&](FigureSnapshot& now) { now.figures.in_flight += change; });
}

void PipelineEvents::inserted(std::uint64_t messages) {
    impl_->count([&](FigureSnapshot& now) { now.figures.inserted += messages; });
}

void PipelineEvents::duplicate(std::uint64_t messages) {
    impl_->count([&](FigureSnapshot& now) { now.figures.duplicate += messages; });
}

void PipelineEvents::dead_lettered(std::uint64_t messages) {
    impl_->count([&](FigureSnapshot& now) { now.figures.dead_lettered += messages; });
}

void PipelineEvents::ignored(std::uint64_t messages) {
    impl_->count([&](FigureSnapshot& now) { now.figures.ignored += messages; });
}

void PipelineEvents::released(std::uint64_t messages) {
    impl_->count([&](FigureSnapshot& now) { now.figures.released += messages; });
}

void PipelineEvents::abandoned(std::uint64_t messages, std::string_view cause) {
    impl_->count([&](FigureSnapshot& now) { now.figures.abandoned += messages; });
    if (messages == 0) return;
    if (const auto left_out = impl_->pass(impl_->record->abandon_lines)) {
        impl_->log_gated("abandoned", "messages were let go without a verdict; the queue delivers them again",
                         {{"cause", cause}, {"messages", messages}}, *left_out);
    }
}

void PipelineEvents::dead_letter(std::string_view reason, std::string_view place, std::string_view message_id) {
    impl_->count([&](FigureSnapshot& now) {
        auto found = now.dead_letters.find(reason);
        if (found == now.dead_letters.end()) found = now.dead_letters.emplace(reason, 0).first;
        ++found->second;
    });
    if (const auto left_out = impl_->pass(impl_->record->dead_letter_lines)) {
        impl_->log_gated("dead_letter", "a message became a dead letter",
                         {{"reason", reason}, {"place", place}, {"message_id", message_id}}, *left_out);
    }
}

void PipelineEvents::group_blocked(std::string_view reason, std::string_view place, std::string_view message_id,
                                   double retry_in_seconds) {
    if (const auto left_out = impl_->pass(impl_->record->dead_letter_lines)) {
        impl_->log_gated(
            "group_blocked",
            "a bad message blocks its message group: it and everything behind it go back to the queue, "
            "again and again, until the configuration or the table takes it (mend it, then restart), it "
            "is deleted from the queue, or the pipeline says `bad_message: skip`",
            {{"reason", reason}, {"place", place}, {"message_id", message_id}, {"retry_in_seconds", retry_in_seconds}},
            *left_out, LogLevel::Error);
    }
}

void PipelineEvents::blocked_groups(std::uint64_t groups) {
    impl_->count([&](FigureSnapshot& now) { now.figures.blocked_groups = groups; });
}

void PipelineEvents::committed(std::uint64_t rows, std::uint64_t entries, double seconds, double lag_seconds) {
    impl_->count([&](FigureSnapshot& now) {
        now.figures.rows_written += rows;
        now.figures.transactions += 1;
        now.figures.transaction_seconds += seconds;
        now.figures.lag_seconds_last = lag_seconds;
        now.batch_rows.observe(static_cast<double>(rows));
        now.transaction_seconds.observe(seconds);
        now.lag_seconds.observe(lag_seconds);
    });
    if (impl_->logger.enabled(LogLevel::Debug)) {
        impl_->log(LogLevel::Debug, "committed", "a transaction was committed",
                   {{"rows", rows}, {"messages", entries}, {"seconds", seconds}, {"lag_seconds", lag_seconds}});
    }
}

void PipelineEvents::transaction_failed(const Error& error, std::uint64_t entries, double retry_in_seconds) {
    if (const auto left_out = impl_->pass(impl_->record->transaction_lines)) {
        impl_->log_gated("transaction_failed", "a transaction failed and is run again: " + describe(error),
                         {{"code", error.code},
                          {"kind", name_of(error.kind)},
                          {"messages", entries},
                          {"retry_in_seconds", retry_in_seconds}},
                         *left_out);
    }
}

void PipelineEvents::restarting() {
    impl_->log(LogLevel::Info, "restarting",
               "the pipeline's configuration, keys or table changed: its workers end in order and start anew", {});
}

void PipelineEvents::table_changed(std::uint64_t messages) {
    impl_->log(LogLevel::Info, "table_changed",
               "the table was altered: its columns were read again, and what is held was mapped anew",
               {{"messages", messages}});
}

void PipelineEvents::batch_bisected(std::string_view sqlstate, std::uint64_t entries) {
    impl_->log(LogLevel::Debug, "batch_bisected", "the server refused a row: the batch is divided to find it",
               {{"sqlstate", sqlstate}, {"messages", entries}});
}

void PipelineEvents::receive_failed(const Error& error, double retry_in_seconds) {
    if (const auto left_out = impl_->pass(impl_->record->receive_lines)) {
        impl_->log_gated("receive_failed", "receiving failed and is tried again: " + describe(error),
                         {{"code", error.code}, {"kind", name_of(error.kind)}, {"retry_in_seconds", retry_in_seconds}},
                         *left_out);
    }
}

void PipelineEvents::sqs_request(std::string_view operation, std::string_view outcome, double seconds) {
    impl_->count([&](FigureSnapshot& now) {
        ++now.sqs_requests[{std::string(operation), std::string(outcome)}];
        auto found = now.sqs_request_seconds.find(operation);
        if (found == now.sqs_request_seconds.end()) {
            found = now.sqs_request_seconds.emplace(operation, Histogram(kRequestBounds)).first;
        }
        found->second.observe(seconds);
    });
}

void PipelineEvents::s3_call(std::string_view operation, std::string_view outcome) {
    impl_->count([&](FigureSnapshot& now) { ++now.s3_calls[{std::string(operation), std::string(outcome)}]; });
}

void PipelineEvents::object_failed(const Error& error, double retry_in_seconds) {
    if (const auto left_out = impl_->pass(impl_->record->receive_lines)) {
        impl_->log_gated("object_failed", "fetching an object failed and is tried again: " + describe(error),
                         {{"code", error.code}, {"kind", name_of(error.kind)}, {"retry_in_seconds", retry_in_seconds}},
                         *left_out);
    }
}

void PipelineEvents::object_left(std::string_view code) {
    impl_->count([](FigureSnapshot& now) { ++now.objects_left; });
    if (const auto left_out = impl_->pass(impl_->record->delete_lines)) {
        impl_->log_gated("object_left",
                         "an object whose message became a row was not deleted and stays in its bucket: a lifecycle "
                         "rule of the bucket sweeps such ones",
                         {{"code", code}}, *left_out);
    }
}

void PipelineEvents::delete_failed(std::uint64_t entries, std::string_view code, bool will_retry) {
    impl_->count([&](FigureSnapshot& now) { now.figures.delete_failures += entries; });
    if (const auto left_out = impl_->pass(impl_->record->delete_lines)) {
        impl_->log_gated("delete_failed",
                         will_retry ? "the queue did not delete written messages; tried again"
                                    : "the queue did not delete written messages; redelivery and the ledger repair it",
                         {{"code", code}, {"messages", entries}}, *left_out);
    }
}

void PipelineEvents::visibility_extension_failed(std::uint64_t entries, std::string_view code) {
    if (const auto left_out = impl_->pass(impl_->record->delete_lines)) {
        impl_->log_gated("visibility_extension_failed",
                         "the queue did not extend the visibility of messages in work; they may be delivered again",
                         {{"code", code}, {"messages", entries}}, *left_out);
    }
}

void PipelineEvents::path_never_matched(std::string_view path, std::uint64_t messages) {
    {
        const std::lock_guard lock(impl_->record->mutex);
        if (!impl_->record->unmatched_paths.emplace(path).second) return;
    }
    impl_->log(LogLevel::Warn, "path_never_matched",
               "a mapped path was present in none of the messages so far: is its name right?",
               {{"path", path}, {"messages", messages}});
}

void PipelineEvents::paused(const Error& error, std::string_view how_to_end) {
    const auto cause = cause_of(error);
    bool first = false;
    impl_->count([&](FigureSnapshot& now) {
        auto& pause = now.paused[cause];
        first = pause.workers++ == 0;
        if (first) pause.began = ++now.pauses;
        pause.detail = describe(error);
        pause.how_to_end = how_to_end;
        now.show_pause();
    });
    if (!first) return;  // every worker of the pipeline tells it
    impl_->say_left_out();
    std::string sentence = "paused: " + describe(error);
    if (!how_to_end.empty()) (sentence += "; to end it: ") += how_to_end;
    impl_->log(LogLevel::Error, "paused", sentence, {{"cause", cause}, {"kind", name_of(error.kind)}});
}

void PipelineEvents::resumed(const Error& error) {
    const auto cause = cause_of(error);
    bool last = false, running = false;
    impl_->count([&](FigureSnapshot& now) {
        last = now.unpause(cause);
        running = now.figures.paused_cause.empty();
    });
    if (!last) return;
    impl_->log(LogLevel::Info, "resumed", running ? "running again" : "one cause of the pause is gone, another lasts",
               {{"cause", cause}});
}

void PipelineEvents::ended_paused(const Error& error) {
    impl_->count([&](FigureSnapshot& now) { now.unpause(cause_of(error)); });
}

void PipelineEvents::maintenance_failed(const Error& error) {
    impl_->log(LogLevel::Warn, "maintenance_failed",
               "the ledger's maintenance failed and is tried later: " + describe(error), {{"code", error.code}});
}

void PipelineEvents::ledger_bytes(std::int64_t bytes) {
    impl_->count([&](FigureSnapshot& now) { now.ledger_bytes = bytes; });
}

void PipelineEvents::started(std::string_view queue, std::string_view table, int workers) {
    impl_->log(LogLevel::Info, "started", "taking messages from the queue into the table",
               {{"queue", queue}, {"table", table}, {"workers", std::int64_t{workers}}});
}

void PipelineEvents::stopping(std::string_view why) {
    impl_->log(LogLevel::Info, "stopping", "taking no more messages", {{"why", why}});
}

void PipelineEvents::drained() {
    bool first = false;
    impl_->count([&](FigureSnapshot& now) { first = !std::exchange(now.drained_said, true); });
    impl_->say_left_out();
    if (first) impl_->log(LogLevel::Info, "drained", "the queue is empty and nothing is in flight");
}

void PipelineEvents::waiting_for(std::string_view what, const Error& error, double retry_in_seconds) {
    impl_->log(LogLevel::Warn, "waiting_for", "waiting for " + std::string(what) + ": " + describe(error),
               {{"code", error.code}, {"retry_in_seconds", retry_in_seconds}});
}

void PipelineEvents::failed(const Error& error) {
    impl_->log(LogLevel::Error, "failed", describe(error), {{"kind", name_of(error.kind)}, {"code", error.code}});
}

void PipelineEvents::warning(std::string_view sentence) { impl_->log(LogLevel::Warn, "warning", sentence); }

void PipelineEvents::finished(double seconds) {
    impl_->say_left_out();
    const auto f = figures();
    const auto settled = static_cast<double>(f.settled());
    impl_->log(LogLevel::Info, "finished", "the pipeline has ended",
               {{"received", f.received},
                {"inserted", f.inserted},
                {"duplicate", f.duplicate},
                {"dead_lettered", f.dead_lettered},
                {"ignored", f.ignored},
                {"released", f.released},
                {"abandoned", f.abandoned},
                {"rows_written", f.rows_written},
                {"seconds", seconds},
                {"messages_per_second", seconds > 0 ? settled / seconds : 0.0}});
}

PipelineFigures PipelineEvents::figures() const { return impl_->record->snapshot().figures; }

std::map<std::string, std::uint64_t> PipelineEvents::dead_letters_by_reason() const {
    const auto snapshot = impl_->record->snapshot();
    return {snapshot.dead_letters.begin(), snapshot.dead_letters.end()};
}

}  // namespace sqs2pg::telemetry
