// The steps of unwrapping, see envelope.h. Each step has a decoder and a buffer of its own, so that what it found stays
// valid while the next ones work.
#include "pipeline/envelope.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "pipeline/envelope_step.h"
#include "pipeline/inflate.h"
#include "pipeline/json_grammar.h"

namespace sqs2pg::pipeline {

namespace {

constexpr std::string_view kPointerClasses[] = {"software.amazon.payloadoffloading.PayloadS3Pointer",
                                                "com.amazon.sqs.javamessaging.MessageS3Pointer"};
// The extended client marks its messages with one of these; its value is the size of the object.
constexpr std::string_view kSizeAttributes[] = {"ExtendedPayloadSize", "SQSLargePayloadSize"};
constexpr std::string_view kEncodingAttributes[] = {"Content-Encoding", "content-encoding", "ContentEncoding",
                                                    "contentEncoding", "content_encoding"};
// A pointer that no attribute announces is looked for in short bodies only: bucket and key have 63 and 1,024 bytes.
constexpr std::size_t kLongestPointer = 4096;
constexpr std::size_t kBufferToKeep = 1u << 20;
constexpr std::size_t kLongestKey = 1024;  // of an object, in bytes
constexpr int kMostCodings = 4;

std::vector<Source> with_own_attributes(std::vector<Source> wanted) {
    auto add = [&](std::string_view name) {
        Source source;
        source.metadata = Metadata::Attribute;
        source.attribute = std::string(name);
        wanted.push_back(std::move(source));
    };
    for (auto name : kSizeAttributes) add(name);
    for (auto name : kEncodingAttributes) add(name);
    return wanted;
}

bool looks_like_pointer(std::string_view body) {
    body = trim_json_blanks(body.substr(0, kLongestPointer + 1));
    return body.size() <= kLongestPointer && body.starts_with('[') && body.find("S3Pointer\"") != body.npos;
}

std::string_view place_of(Inflater::Verdict verdict) {
    switch (verdict) {
        case Inflater::Verdict::Damaged:
            return "the body is not compressed like that, damaged or cut off";
        case Inflater::Verdict::TooLarge:
            return "the body is larger than max_unwrapped_bytes";
        case Inflater::Verdict::Bomb:
            return "the body would grow more than 200 times";
        case Inflater::Verdict::Done:
            break;
    }
    return "";
}

}  // namespace

BadMessage bad_envelope(std::string_view place) { return BadMessage{"envelope", std::string(place), ""}; }

struct Envelope::Impl {
    std::vector<EnvelopeStep> steps;
    std::vector<JsonValue> fields;
    std::size_t own = 0;  // where the slots of our own attributes begin
    std::size_t most = 0;
    std::vector<std::string> buckets;
    Inflater inflater;
    std::string scratch;
    bool implied_base64 = false;  // `encoding`: taken off already, though its turn is still to come

    const Received* message = nullptr;
    std::optional<PaddedText> body;
    std::string* object = nullptr;
    std::optional<ObjectRef> pointer;

    using Trouble = std::optional<BadMessage>;

    std::optional<std::string_view> attribute(std::size_t slot, std::string_view name) const {
        if (fields[slot].kind != JsonKind::Absent) return fields[slot].text;
        for (const auto& one : message->attributes) {
            if (one.name == name) return one.value;
        }
        return std::nullopt;
    }

    Trouble trouble(const EnvelopeStep& step, std::string_view what) const {
        return bad_envelope(std::string(name_of(step.kind)) + ": " + std::string(what));
    }

    Trouble sns(EnvelopeStep& step);
    Trouble eventbridge(EnvelopeStep& step);
    Trouble s3_pointer(EnvelopeStep& step);
    Trouble encoding(EnvelopeStep& step);
    Trouble base64(EnvelopeStep& step);
    Trouble inflate(EnvelopeStep& step, Inflater::Format format);
    Trouble apply(EnvelopeStep& step);
    Trouble run(const Received& received, std::string* fetched, bool to_pointer);
};

// Of all steps from the outside; with `to_pointer` only as far as an object must be fetched.
Envelope::Impl::Trouble Envelope::Impl::run(const Received& received, std::string* fetched, bool to_pointer) {
    message = &received;
    body = received.body;
    object = fetched;
    pointer.reset();
    std::ranges::fill(fields, JsonValue{});
    for (auto& step : steps) {
        if (step.output.capacity() > kBufferToKeep) std::string().swap(step.output);
        if (auto bad = apply(step)) return bad;
        if (step.kind == Unwrap::S3Pointer && (to_pointer || !body)) break;
    }
    return std::nullopt;
}

Envelope::Impl::Trouble Envelope::Impl::apply(EnvelopeStep& step) {
    switch (step.kind) {
        case Unwrap::Sns:
            return sns(step);
        case Unwrap::EventBridge:
            return eventbridge(step);
        case Unwrap::S3Pointer:
            return s3_pointer(step);
        case Unwrap::Encoding:
            return encoding(step);
        case Unwrap::Base64:
            return base64(step);
        case Unwrap::Gzip:
            return inflate(step, Inflater::Format::Gzip);
    }
    return std::nullopt;
}

Envelope::Impl::Trouble Envelope::Impl::sns(EnvelopeStep& step) {
    auto found = step.decoder.decode(*body);
    const bool object_with_type = found && (*found)[EnvelopeStep::kType].kind == JsonKind::String;
    if (!object_with_type) return trouble(step, "no envelope (is raw message delivery on?)");
    const auto type = (*found)[EnvelopeStep::kType].text;
    const auto& text = (*found)[EnvelopeStep::kMessage];
    for (std::string_view other : {"SubscriptionConfirmation", "UnsubscribeConfirmation"}) {
        if (type == other) return trouble(step, std::string(other) + ", no notification");
    }
    if (type != "Notification") return trouble(step, "Type is not Notification (is raw message delivery on?)");
    if (text.kind != JsonKind::String) return trouble(step, "Message is no text");
    step.hand_over(*found, fields);
    step.output.assign(text.text);
    body = step.output;
    return std::nullopt;
}

Envelope::Impl::Trouble Envelope::Impl::eventbridge(EnvelopeStep& step) {
    auto found = step.decoder.decode(*body);
    auto is_text = [&](std::size_t slot) { return (*found)[slot].kind == JsonKind::String; };
    if (!found || !is_text(EnvelopeStep::kDetailType) || !is_text(EnvelopeStep::kSource)) {
        return trouble(step, "no event (`source`, `detail-type` and `detail`)");
    }
    const auto& detail = (*found)[EnvelopeStep::kDetail];
    if (detail.kind != JsonKind::Object) return trouble(step, "detail is no object");
    step.hand_over(*found, fields);
    step.output.assign(detail.text);
    body = step.output;
    return std::nullopt;
}

// A message without a pointer is one that was small enough: it passes as it is.
Envelope::Impl::Trouble Envelope::Impl::s3_pointer(EnvelopeStep& step) {
    std::optional<std::string_view> size;
    for (std::size_t i = 0; i < std::size(kSizeAttributes) && !size; ++i) size = attribute(own + i, kSizeAttributes[i]);
    if (!size && !looks_like_pointer(body->text)) return std::nullopt;
    auto found = step.decoder.decode(*body);
    auto text = [&](std::size_t slot) { return (*found)[slot].kind == JsonKind::String ? (*found)[slot].text : ""; };
    if (!found || std::ranges::find(kPointerClasses, text(EnvelopeStep::kClass)) == std::end(kPointerClasses)) {
        // Without the attribute it may be anything that mentions a pointer.
        return size ? trouble(step, "no pointer, though an attribute announces one") : std::nullopt;
    }
    ObjectRef ref{std::string(text(EnvelopeStep::kBucket)), std::string(text(EnvelopeStep::kKey)), 0};
    if (!valid_bucket_name(ref.bucket)) return trouble(step, "s3BucketName is no bucket's name");
    if (ref.key.empty() || ref.key.size() > kLongestKey) return trouble(step, "s3Key is no object's key");
    if (!buckets.empty() && std::ranges::find(buckets, ref.bucket) == buckets.end()) {
        return trouble(step, "s3BucketName is none of s3.buckets");
    }
    if (size) std::from_chars(size->data(), size->data() + size->size(), ref.claimed_bytes);
    step.hand_over(*found, fields);
    pointer = std::move(ref);
    body.reset();
    if (object != nullptr) body = *object;
    return std::nullopt;
}

Envelope::Impl::Trouble Envelope::Impl::encoding(EnvelopeStep& step) {
    std::optional<std::string_view> codings;
    for (std::size_t i = 0; i < std::size(kEncodingAttributes) && !codings; ++i) {
        codings = attribute(own + std::size(kSizeAttributes) + i, kEncodingAttributes[i]);
    }
    if (!codings) return std::nullopt;
    // RFC 9110: in the order in which they were applied, so the last one comes off first.
    auto rest = *codings;
    implied_base64 = false;
    for (int count = 0; !rest.empty(); ++count) {
        const auto comma = rest.find_last_of(",+");
        const auto coding = trim_json_blanks(comma == rest.npos ? rest : rest.substr(comma + 1));
        rest = comma == rest.npos ? std::string_view{} : rest.substr(0, comma);
        Trouble bad;
        if (is_coding(coding, "gzip") || is_coding(coding, "x-gzip")) {
            bad = inflate(step, Inflater::Format::Gzip);
        } else if (is_coding(coding, "deflate")) {
            bad = inflate(step, Inflater::Format::Zlib);
        } else if (is_coding(coding, "base64")) {
            if (!std::exchange(implied_base64, false)) bad = base64(step);
        } else if (!coding.empty() && !is_coding(coding, "identity")) {
            bad = trouble(step, "the attribute names an encoding other than gzip, deflate and base64");
        }
        if (bad) return bad;
        if (count == kMostCodings) return trouble(step, "the attribute names too many encodings");
    }
    return std::nullopt;
}

Envelope::Impl::Trouble Envelope::Impl::base64(EnvelopeStep& step) {
    if (!decode_base64_lines(body->text, scratch)) return trouble(step, "the body is not base64");
    step.output.swap(scratch);
    body = step.output;
    return std::nullopt;
}

// A message of SQS holds text: compressed bytes travel in base64, whether anybody says so or not.
Envelope::Impl::Trouble Envelope::Impl::inflate(EnvelopeStep& step, Inflater::Format format) {
    if (!looks_like_gzip(body->text) && decode_base64_lines(body->text, scratch)) {
        step.output.swap(scratch);
        body = step.output;
        implied_base64 = true;
    }
    const auto verdict = inflater.inflate(body->text, format, most, scratch);
    if (verdict != Inflater::Verdict::Done) return trouble(step, place_of(verdict));
    step.output.swap(scratch);
    if (scratch.capacity() > kBufferToKeep) std::string().swap(scratch);
    body = step.output;
    return std::nullopt;
}

Envelope::Envelope(const PipelineOptions& options, const std::vector<Source>& wanted)
    : impl_(std::make_unique<Impl>()) {
    const auto all = with_own_attributes(wanted);
    impl_->own = wanted.size();
    impl_->most = options.max_unwrapped_bytes;
    impl_->buckets = options.objects.buckets;
    impl_->fields.resize(all.size());
    for (auto kind : options.unwrap) impl_->steps.push_back(make_step(kind, all));
}

Envelope::~Envelope() = default;
Envelope::Envelope(Envelope&&) noexcept = default;
Envelope& Envelope::operator=(Envelope&&) noexcept = default;

tl::expected<std::optional<ObjectRef>, BadMessage> Envelope::object_of(const Received& message) {
    if (auto bad = impl_->run(message, nullptr, true)) return tl::unexpected(std::move(*bad));
    return std::move(impl_->pointer);
}

tl::expected<Envelope::Opened, BadMessage> Envelope::open(const Received& message, std::string* object) {
    auto bad = impl_->run(message, object, false);
    if (!bad && !impl_->body) bad = bad_envelope("s3-pointer: the object was not fetched");
    if (bad) return tl::unexpected(std::move(*bad));
    return Opened{*impl_->body, impl_->fields};
}

}  // namespace sqs2pg::pipeline
