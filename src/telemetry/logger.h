// Where log lines go: spdlog underneath, stderr by default. Thread-safe; never throws.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "telemetry/events.h"
#include "telemetry/log_line.h"

namespace spdlog {
class logger;
}

namespace sqs2pg::telemetry {

class Logger {
   public:
    explicit Logger(const LogOptions& options);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    // Ask before building expensive fields.
    bool enabled(LogLevel level) const noexcept { return level >= level_ && level_ != LogLevel::Off; }

    void write(LogLevel level, std::string_view event, std::string_view pipeline, std::string_view sentence,
               std::span<const Field> fields = {});
    void write(LogLevel level, std::string_view event, std::string_view pipeline, std::string_view sentence,
               std::initializer_list<Field> fields) {
        write(level, event, pipeline, sentence, std::span(fields.begin(), fields.size()));
    }

   private:
    LogFormat format_;
    LogLevel level_;
    std::shared_ptr<spdlog::logger> lines_;
};

}  // namespace sqs2pg::telemetry
