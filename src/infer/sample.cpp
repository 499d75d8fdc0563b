// Gathers messages, see sample.h.
#include "infer/sample.h"

#include <algorithm>
#include <functional>

#include "pipeline/json_grammar.h"

namespace sqs2pg::infer {

namespace {

constexpr std::size_t kMostPlacesNamed = 5;

void note(Sample::Count& count, std::uint64_t place) {
    ++count.number;
    if (count.places.size() < kMostPlacesNamed) count.places.push_back(place);
}

bool holds(std::string_view body, std::string_view text) { return body.find(text) != std::string_view::npos; }

// By the members that every message of the envelope has; a look at the text is enough for a guess.
Envelope envelope_of(std::string_view body) {
    if (holds(body, "\"Type\"") && holds(body, "\"TopicArn\"") && holds(body, "\"Message\"")) return Envelope::Sns;
    if (holds(body, "\"detail-type\"") && holds(body, "\"detail\"") && holds(body, "\"source\"")) {
        return Envelope::EventBridge;
    }
    if (holds(body, "\"Records\"") && holds(body, "\"eventSource\"") && holds(body, "\"s3\"")) return Envelope::S3Event;
    return Envelope::None;
}

// What the extended client sends for a message in S3.
bool is_pointer(std::string_view body) {
    return holds(body, "PayloadS3Pointer") || holds(body, "javamessaging.MessageS3Pointer");
}

bool is_base64(std::string_view text) {
    if (text.size() < 8) return false;
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
               c == '=' || c == '-' || c == '_' || c == '\n' || c == '\r';
    });
}

// `{"`, `{ "` and `[{`, encoded.
bool begins_like_encoded_json(std::string_view text) {
    return text.starts_with("eyJ") || text.starts_with("eyA") || text.starts_with("ewo") || text.starts_with("ewog") ||
           text.starts_with("W3s") || text.starts_with("ew0K");
}

bool is_form(std::string_view text) {
    const auto equals = text.find('=');
    return equals != std::string_view::npos && equals > 0 &&
           text.substr(0, equals).find_first_of(" {}[]<>\"") == std::string_view::npos && holds(text, "&");
}

}  // namespace

std::string_view words_for(Guess guess) noexcept {
    switch (guess) {
        case Guess::Unknown:
            return "something else";
        case Guess::Empty:
            return "empty";
        case Guess::Gzip:
            return "compressed with gzip";
        case Guess::Base64:
            return "JSON in base64";
        case Guess::Base64Gzip:
            return "gzip in base64";
        case Guess::Xml:
            return "XML or HTML";
        case Guess::Form:
            return "an encoded form (a=1&b=2)";
        case Guess::QuotedJson:
            return "JSON inside a JSON string";
        case Guess::SingleQuotes:
            return "a printed dictionary with single quotes";
        case Guess::CutOff:
            return "JSON that ends early";
        case Guess::SeveralLines:
            return "several JSON texts in one message";
    }
    return {};
}

std::string_view remedy_for(Guess guess) noexcept {
    switch (guess) {
        case Guess::Unknown:
            return "send JSON objects";
        case Guess::Empty:
            return "send JSON objects";
        case Guess::Gzip:
        case Guess::Base64Gzip:
            return "`unwrap: gzip` takes them out, but what is inside is no JSON object";
        case Guess::Base64:
            return "`unwrap: base64` takes them out, but what is inside is no JSON object";
        case Guess::Xml:
            return "convert it to JSON before it is sent";
        case Guess::Form:
            return "send a JSON object with the same names";
        case Guess::QuotedJson:
            return "encode it once only: the sender calls its JSON encoder twice";
        case Guess::SingleQuotes:
            return "send it with a JSON encoder (json.dumps in Python), not as printed";
        case Guess::CutOff:
            return "look whether the sender cuts long messages, or sends pretty-printed JSON by line";
        case Guess::SeveralLines:
            return "send one JSON object a message";
    }
    return {};
}

Guess guess_at(std::string_view body) {
    const auto text = pipeline::trim_json_blanks(body);
    if (text.empty()) return Guess::Empty;
    if (text.starts_with("\x1f\x8b")) return Guess::Gzip;
    if (is_base64(text)) {
        if (text.starts_with("H4sI")) return Guess::Base64Gzip;
        if (begins_like_encoded_json(text)) return Guess::Base64;
        return Guess::Unknown;
    }
    if (text.front() == '<') return Guess::Xml;
    if (text.starts_with("\"{") || text.starts_with("\"[")) return Guess::QuotedJson;
    if (text.starts_with("{'") || text.starts_with("[{'")) return Guess::SingleQuotes;
    if (text.front() == '{' || text.front() == '[') {
        if (holds(text, "}\n{") || holds(text, "}{") || holds(text, "}\r\n{")) return Guess::SeveralLines;
        const char last = text.front() == '{' ? '}' : ']';
        return text.back() == last ? Guess::Unknown : Guess::CutOff;
    }
    return is_form(text) ? Guess::Form : Guess::Unknown;
}

bool Sample::add(pipeline::Received message, std::uint64_t place) {
    if (full()) return false;
    ++seen;
    const bool fresh = message.message_id.empty() ? bodies_.insert(std::hash<std::string_view>{}(message.body)).second
                                                  : ids_.insert(message.message_id).second;
    if (!fresh) {
        ++duplicates;
        return true;
    }
    bytes_ += message.bytes();
    switch (judge_.add(message.body)) {
        case Profile::Body::Object:
            ++envelopes_[static_cast<std::size_t>(envelope_of(message.body))];
            messages_.push_back(std::move(message));
            break;
        case Profile::Body::Array:
            note(arrays, place);
            if (is_pointer(message.body)) ++envelopes_[static_cast<std::size_t>(Envelope::S3Pointer)];
            break;
        case Profile::Body::Scalar:
            note(scalars, place);
            ++guesses[static_cast<std::size_t>(guess_at(message.body))];
            break;
        case Profile::Body::NotJson:
            note(not_json, place);
            ++guesses[static_cast<std::size_t>(guess_at(message.body))];
            break;
        case Profile::Body::InvalidText:
            note(not_text, place);
            ++guesses[static_cast<std::size_t>(guess_at(message.body))];
            break;
    }
    return true;
}

Guess Sample::most_likely() const { return static_cast<Guess>(std::ranges::max_element(guesses) - guesses.begin()); }

Envelope Sample::envelope() const {
    for (std::size_t kind = 1; kind < envelopes_.size(); ++kind) {
        if (envelopes_[kind] * 2 > seen - duplicates) return static_cast<Envelope>(kind);
    }
    return Envelope::None;
}

std::vector<pipeline::Unwrap> Sample::unwrapping() const {
    using pipeline::Unwrap;
    const auto held = envelope();
    if (held == Envelope::Sns) return {Unwrap::Sns};
    if (held == Envelope::EventBridge) return {Unwrap::EventBridge};
    if ((not_json.number + not_text.number) * 2 <= seen - duplicates) return {};
    const auto guess = most_likely();
    if (guess == Guess::Gzip || guess == Guess::Base64Gzip) return {Unwrap::Gzip};
    if (guess == Guess::Base64) return {Unwrap::Base64};
    return {};
}

}  // namespace sqs2pg::infer
