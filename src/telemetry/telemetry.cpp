// The process's own events, and the list of pipelines that a scrape walks, see events.h.
#include <algorithm>

#include "telemetry/registry.h"

namespace sqs2pg::telemetry {

std::optional<LogFormat> log_format_from(std::string_view name) noexcept {
    if (name == "text") return LogFormat::Text;
    if (name == "json") return LogFormat::Json;
    return std::nullopt;
}

std::optional<LogLevel> log_level_from(std::string_view name) noexcept {
    for (const auto level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error, LogLevel::Off}) {
        if (name_of(level) == name) return level;
    }
    return std::nullopt;
}

Telemetry::Telemetry(LogOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Telemetry::~Telemetry() = default;

std::shared_ptr<PipelineRecord> Telemetry::Impl::record(const std::string& name) {
    const std::lock_guard lock(mutex);
    auto found = std::ranges::find_if(records, [&](const auto& record) { return record->name == name; });
    if (found != records.end()) return *found;
    return records.emplace_back(std::make_shared<PipelineRecord>(name));
}

std::string Telemetry::prometheus_text() const {
    std::vector<std::shared_ptr<PipelineRecord>> records;
    std::optional<double> expiry;
    {
        const std::lock_guard lock(impl_->mutex);
        records = impl_->records;
        for (const auto& [identity, at] : impl_->credentials_expire_at) {
            const auto left = std::chrono::duration<double>(at - std::chrono::steady_clock::now()).count();
            expiry = expiry ? std::min(*expiry, left) : left;
        }
    }
    std::vector<NamedSnapshot> snapshots;
    for (const auto& record : records) snapshots.push_back({record->name, record->snapshot()});
    return exposition(snapshots, expiry);
}

void Telemetry::process_started(std::string_view version, std::string_view configuration) {
    impl_->logger.write(LogLevel::Info, "process_started", {}, "sqs2pg starts",
                        {{"version", version}, {"configuration", configuration}});
}

void Telemetry::process_stopping(std::string_view signal) {
    impl_->logger.write(LogLevel::Info, "process_stopping", {},
                        "ending in order: what is held is written or released; a second signal ends at once",
                        {{"signal", signal}});
}

void Telemetry::process_stopped(int exit_code) {
    impl_->logger.write(LogLevel::Info, "process_stopped", {}, "sqs2pg has ended",
                        {{"exit_code", std::int64_t{exit_code}}});
}

void Telemetry::waiting_for(std::string_view what, const Error& error, double retry_in_seconds) {
    const auto sentence = "waiting for " + std::string(what) + ": " + describe(error);
    impl_->logger.write(LogLevel::Warn, "waiting_for", {}, sentence,
                        {{"code", error.code}, {"retry_in_seconds", retry_in_seconds}});
}

void Telemetry::warning(std::string_view sentence) { impl_->logger.write(LogLevel::Warn, "warning", {}, sentence); }

void Telemetry::info(std::string_view sentence) { impl_->logger.write(LogLevel::Info, "info", {}, sentence); }

void Telemetry::failure(const Error& error) {
    impl_->logger.write(LogLevel::Error, "failure", {}, describe(error),
                        {{"kind", name_of(error.kind)}, {"code", error.code}});
}

void Telemetry::credentials_renewed(const std::string& identity, std::string_view source,
                                    std::optional<double> seconds_left) {
    {
        const std::lock_guard lock(impl_->mutex);
        auto& ends = impl_->credentials_expire_at;
        if (seconds_left) {
            const auto left = std::chrono::duration<double>(*seconds_left);
            ends[identity] = std::chrono::steady_clock::now() +
                             std::chrono::duration_cast<std::chrono::steady_clock::duration>(left);
        } else {
            ends.erase(identity);
        }
    }
    std::vector<Field> fields{{"source", source}};
    if (seconds_left) fields.push_back({"seconds_left", *seconds_left});
    impl_->logger.write(LogLevel::Info, "credentials_renewed", {}, "AWS credentials from " + std::string(source),
                        fields);
}

void Telemetry::credentials_not_renewed(const Error& error, bool keeps_older) {
    const auto sentence = keeps_older
                              ? "AWS credentials could not be renewed; those at hand are valid and stay in use: "
                              : std::string("there are no valid AWS credentials: ");
    impl_->logger.write(LogLevel::Warn, "credentials_not_renewed", {}, sentence + describe(error),
                        {{"code", error.code}});
}

}  // namespace sqs2pg::telemetry
