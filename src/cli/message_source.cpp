// Reading lines and generating logins, and the limits of a batch.
#include "cli/message_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include <fmt/format.h>
#include <simdjson.h>

#include "devqueue/rules.h"
#include "sqs/protocol.h"

namespace sqs2pg::cli {
namespace {

class Lines final : public MessageSource {
   public:
    explicit Lines(std::istream& stream) : stream_(stream) {}
    explicit Lines(std::unique_ptr<std::ifstream> file) : owned_(std::move(file)), stream_(*owned_) {}

    std::optional<OutgoingMessage> next() override {
        OutgoingMessage message;
        while (std::getline(stream_, message.body)) {
            ++line_;
            if (message.body.ends_with('\r')) message.body.pop_back();
            if (message.body.find_first_not_of(" \t") == std::string::npos) continue;
            message.line = line_;
            return message;
        }
        return std::nullopt;
    }
    bool complete() const override { return !stream_.bad(); }

   private:
    std::unique_ptr<std::ifstream> owned_;
    std::istream& stream_;
    std::uint64_t line_ = 0;
};

class Generated final : public MessageSource {
   public:
    Generated(std::uint64_t count, LoginOptions options) : count_(count), generator_(options) {}

    std::optional<OutgoingMessage> next() override {
        if (made_ == count_) return std::nullopt;
        return OutgoingMessage{++made_, generator_.next()};
    }
    std::optional<std::uint64_t> total() const override { return count_; }

   private:
    std::uint64_t count_;
    std::uint64_t made_ = 0;
    LoginGenerator generator_;
};

}  // namespace

Result<std::unique_ptr<MessageSource>> open_lines(const std::string& path) {
    if (path == "-") return std::unique_ptr<MessageSource>(std::make_unique<Lines>(std::cin));
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    // A folder opens, and fails at the first read.
    if (!*file || (file->peek(), file->bad())) {
        return fail(ErrorKind::Configuration, Stage::Start, "cannot_open",
                    fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    file->clear();
    return std::unique_ptr<MessageSource>(std::make_unique<Lines>(std::move(file)));
}

std::unique_ptr<MessageSource> lines_of(std::istream& stream) { return std::make_unique<Lines>(stream); }

std::unique_ptr<MessageSource> generated_logins(std::uint64_t count, LoginOptions options) {
    return std::make_unique<Generated>(count, options);
}

std::optional<std::string_view> refusal_of(std::string_view body) {
    if (body.size() > sqs::kMaxMessageBytes) return "is larger than 1 MiB, which SQS does not take";
    if (!simdjson::validate_utf8(body.data(), body.size())) return "is not valid UTF-8";
    if (!devqueue::check_body(body))
        return "holds a character that SQS does not take (a control character, U+FFFE or U+FFFF)";
    return std::nullopt;
}

std::optional<OutgoingMessage> BatchReader::next_acceptable() {
    if (held_) return std::exchange(held_, std::nullopt);
    while (auto message = source_.next()) {
        auto why = refusal_of(message->body);
        if (!why) return message;
        refused_(message->line, *why);
    }
    return std::nullopt;
}

std::vector<OutgoingMessage> BatchReader::next(std::size_t most) {
    std::vector<OutgoingMessage> batch;
    most = std::clamp<std::size_t>(most, 1, sqs::kMaxBatchEntries);
    batch.reserve(most);
    std::size_t bytes = 0;
    while (batch.size() < most) {
        auto message = next_acceptable();
        if (!message) break;
        if (bytes + message->body.size() > sqs::kMaxMessageBytes) {
            held_ = std::move(message);
            break;
        }
        bytes += message->body.size();
        batch.push_back(std::move(*message));
    }
    return batch;
}

}  // namespace sqs2pg::cli
