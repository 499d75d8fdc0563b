// Reading a message back from its dead letter, see message_seal.h.
#include <optional>
#include <string>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/base64.h"
#include "pipeline/message_seal.h"

namespace sqs2pg::pipeline {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

tl::unexpected<Error> bad(std::string_view member, std::string_view what) {
    return fail(ErrorKind::BadMessage, Stage::Serve, "sealed_text",
                fmt::format("the sealed message cannot be read: {} {}", member, what));
}

// Canonical base64 with padding only: what message_seal.cpp writes.
std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes;
    if (!decode_base64(text, bytes) || encode_base64(bytes) != text) return std::nullopt;
    return bytes;
}

template <class Text>
Status read_member(object from, std::string_view name, Text& into) {
    std::string_view text;
    auto found = from.at_key(name);
    if (found.error() == simdjson::SUCCESS) {
        if (found.get(text) != simdjson::SUCCESS) return bad(name, "is no text");
        into = text;
        return {};
    }
    std::string other(name);
    other += "_base64";
    if (from.at_key(other).get(text) != simdjson::SUCCESS) return bad(name, "is missing");
    auto bytes = from_base64(text);
    if (!bytes) return bad(other, "is no base64");
    into = std::move(*bytes);
    return {};
}

Status read_attributes(object from, std::vector<MessageAttribute>& into) {
    simdjson::dom::array list;
    if (from.at_key("attributes").get(list) != simdjson::SUCCESS) return bad("attributes", "is no list");
    into.reserve(list.size());
    for (element one : list) {
        object attribute;
        if (one.get(attribute) != simdjson::SUCCESS) return bad("attributes", "holds something that is no object");
        auto& made = into.emplace_back();
        if (auto read = read_member(attribute, "name", made.name); !read) return read;
        if (auto read = read_member(attribute, "type", made.data_type); !read) return read;
        if (auto read = read_member(attribute, "value", made.value); !read) return read;
    }
    return {};
}

}  // namespace

Result<Received> from_sealable_text(std::string_view text) {
    // Small documents are kept in one parser a thread; a large one's buffers are not.
    constexpr std::size_t kKeptCapacity = 1 << 20;
    thread_local simdjson::dom::parser kept;
    simdjson::dom::parser large;
    auto& parser = text.size() <= kKeptCapacity ? kept : large;
    element root;
    object message;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
        root.get(message) != simdjson::SUCCESS) {
        return bad("it", "is no JSON object");
    }
    std::int64_t version = 0;
    if (message.at_key("v").get(version) != simdjson::SUCCESS) return bad("v", "is missing");
    if (version != 1) return bad("v", "names a format that this program does not know: use the newer sqs2pg");
    Received received;
    if (message.at_key("sent_ms").get(received.sent_ms) != simdjson::SUCCESS) return bad("sent_ms", "is no number");
    if (auto read = read_member(message, "message_id", received.message_id); !read) return fail(read.error());
    if (auto read = read_member(message, "body", received.body); !read) return fail(read.error());
    if (auto read = read_attributes(message, received.attributes); !read) return fail(read.error());
    if (auto read = read_member(message, "group_id", received.group_id); !read) return fail(read.error());
    if (auto read = read_member(message, "sequence_number", received.sequence_number); !read) return fail(read.error());
    return received;
}

}  // namespace sqs2pg::pipeline
