// Where `send` and `demo` take messages from: the lines of a file or of standard input, or a generator; and how they
// are gathered into batches that SQS accepts. No socket.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/login_generator.h"

namespace sqs2pg::cli {

struct OutgoingMessage {
    std::uint64_t line = 0;  // 1-based: of the file, or which of the generated ones
    std::string body;
};

class MessageSource {
   public:
    virtual ~MessageSource() = default;
    // The next message; nothing at the end. Blank lines are passed over.
    virtual std::optional<OutgoingMessage> next() = 0;
    // How many there will be, when that is known.
    virtual std::optional<std::uint64_t> total() const { return std::nullopt; }
    // After the end: false when it came from a reading error.
    virtual bool complete() const { return true; }
};

// "-" is standard input. Configuration error when the file cannot be opened.
Result<std::unique_ptr<MessageSource>> open_lines(const std::string& path);
// Borrows the stream.
std::unique_ptr<MessageSource> lines_of(std::istream& stream);
std::unique_ptr<MessageSource> generated_logins(std::uint64_t count, LoginOptions options);

// Why SQS would refuse a body, or nothing: "is larger than 1 MiB", "is not valid UTF-8", "holds a control character …".
std::optional<std::string_view> refusal_of(std::string_view body);

// Takes messages from a source in batches of at most ten and 1 MiB; those that SQS would refuse go to `refused`
// instead.
class BatchReader {
   public:
    using Refused = std::function<void(std::uint64_t line, std::string_view why)>;

    // `source` is borrowed.
    BatchReader(MessageSource& source, Refused refused) : source_(source), refused_(std::move(refused)) {}

    // At most `most` messages. Empty at the end.
    std::vector<OutgoingMessage> next(std::size_t most = 10);

   private:
    std::optional<OutgoingMessage> next_acceptable();

    MessageSource& source_;
    Refused refused_;
    std::optional<OutgoingMessage> held_;  // read, but too large for the batch before
};

}  // namespace sqs2pg::cli
