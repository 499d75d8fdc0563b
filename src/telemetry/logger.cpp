// spdlog as the carrier of finished lines, see logger.h.
#include "telemetry/logger.h"

#include <chrono>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace sqs2pg::telemetry {

namespace {

// Hands each line, without its newline, to LogOptions::sink; spdlog's mutex keeps the calls apart.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
   public:
    explicit FunctionSink(std::function<void(std::string_view)> function) : function_(std::move(function)) {}

   protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        function_(std::string_view(message.payload.data(), message.payload.size()));
    }
    void flush_() override {}

   private:
    std::function<void(std::string_view)> function_;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warn:
            return spdlog::level::warn;
        case LogLevel::Error:
            return spdlog::level::err;
        case LogLevel::Off:
            return spdlog::level::off;
    }
    return spdlog::level::off;
}

std::int64_t wall_ms_now() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Logger::Logger(const LogOptions& options) : format_(options.format), level_(options.level) {
    spdlog::sink_ptr sink;
    if (options.sink) {
        sink = std::make_shared<FunctionSink>(options.sink);
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    // "%v": the lines are formatted here, since spdlog's patterns cannot escape JSON.
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
    lines_ = std::make_shared<spdlog::logger>("sqs2pg", std::move(sink));
    lines_->set_level(spdlog_level(options.level));
    lines_->flush_on(spdlog::level::debug);
    lines_->set_error_handler([](const std::string&) {});  // a full disk behind stderr must not stop the work
}

Logger::~Logger() = default;

void Logger::write(LogLevel level, std::string_view event, std::string_view pipeline, std::string_view sentence,
                   std::span<const Field> fields) {
    if (!enabled(level)) return;
    LogLine line{wall_ms_now(), level, event, pipeline, sentence, fields};
    const auto text = format_ == LogFormat::Json ? json_line(line) : text_line(line);
    lines_->log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace sqs2pg::telemetry
