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
        if (impl_->credentials_expire_at) {
            const auto left = *impl_->credentials_expire_at - std::chrono::steady_clock::now();
            expiry = std::chrono::duration<double>(left).count();
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

void Telemetry::credentials_expiry(double seconds) {
    const auto left =
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
    const std::lock_guard lock(impl_->mutex);
    impl_->credentials_expire_at = std::chrono::steady_clock::now() + left;
}

}  // namespace sqs2pg::telemetry
