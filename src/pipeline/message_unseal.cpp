// Reading a message back from its dead letter, see message_seal.h.
#include <array>
#include <cstdint>
#include <optional>

#include <fmt/format.h>
#include <simdjson.h>

#include "pipeline/message_seal.h"

namespace sqs2pg::pipeline {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

tl::unexpected<Error> bad(std::string_view member, std::string_view what) {
    return fail(ErrorKind::BadMessage, Stage::Serve, "sealed_text",
                fmt::format("the sealed message cannot be read: {} {}", member, what));
}

constexpr std::array<std::int8_t, 256> make_digits() {
    std::array<std::int8_t, 256> digits{};
    digits.fill(-1);
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return digits;
}

// Canonical base64 with padding only: what message_seal.cpp writes.
std::optional<std::string> from_base64(std::string_view text) {
    static constexpr auto kDigits = make_digits();
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        auto quad = text.substr(i, 4);
        std::size_t padding = 0;
        if (i + 4 == text.size()) padding = quad.ends_with("==") ? 2 : quad.ends_with('=') ? 1 : 0;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            auto digit = j < 4 - padding ? kDigits[static_cast<unsigned char>(quad[j])] : std::int8_t{0};
            if (digit < 0) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(digit);
        }
        if ((group & ((1u << (8 * padding)) - 1)) != 0) return std::nullopt;
        for (std::size_t j = 0; j < 3 - padding; ++j) bytes.push_back(static_cast<char>(group >> (16 - 8 * j) & 0xff));
    }
    return bytes;
}

Status read_member(object from, std::string_view name, std::string& into) {
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
