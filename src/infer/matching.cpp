// Names of columns and of places, see matching.h.
#include "infer/matching.h"

#include <algorithm>
#include <array>

#include "infer/names.h"

namespace sqs2pg::infer {

namespace {

using Words = std::vector<std::string>;

bool ends_with(const Words& words, const Words& end) {
    return words.size() >= end.size() && std::equal(end.rbegin(), end.rend(), words.rbegin());
}

Words words_of_path(const Place& place) {
    Words words;
    for (const auto& step : path_of(place)) {
        for (auto& word : words_of(step.member)) words.push_back(std::move(word));
    }
    return words;
}

bool same_set(Words one, Words other) {
    std::ranges::sort(one);
    std::ranges::sort(other);
    return one == other;
}

bool all_in(const Words& words, std::size_t count, const Words& allowed) {
    return std::all_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const auto& word) { return std::ranges::find(allowed, word) != allowed.end(); });
}

bool one_of(std::string_view word, std::span<const std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

pipeline::Source metadata(std::string_view text, pipeline::Metadata what) {
    pipeline::Source source;
    source.text = text;
    source.metadata = what;
    return source;
}

}  // namespace

ColumnWords words_of_column(const std::string& name) {
    constexpr auto kMasked = std::to_array<std::string_view>(
        {"masked", "mask", "hashed", "hash", "hmac", "sha256", "token", "tokenized", "tokenised", "pseudonym",
         "pseudonymized", "pseudonymised", "pseudo", "anon", "anonymized", "anonymised", "encrypted", "enc", "key"});
    ColumnWords out;
    const auto words = words_of(name);
    for (const auto& word : words) {
        if (one_of(word, kMasked) && words.size() > 1) {
            out.says_masked = out.says_masked || word != "key";
        } else {
            out.words.push_back(word);
        }
    }
    if (!out.says_masked) out.words = words;  // token_count, api_key: as they are
    return out;
}

int likeness(const ColumnWords& column, const Leaf& leaf, const Words& table) {
    if (column.words.empty()) return 0;
    const auto last = words_of(leaf.place->name);
    const auto path = words_of_path(*leaf.place);
    if (last.empty()) return 0;
    const auto depth = leaf.place->depth;
    const auto shallow = std::max(0, 4 - depth);  // of equal names the one nearer to the root
    const auto written = joined(column.words);
    if (written == joined(path)) return 96 + shallow;
    if (written == joined(last)) return 90 + shallow;
    const auto usual = usual_words(column.words);
    const auto usual_path = usual_words(path);
    const auto usual_last = usual_words(last);
    if (usual == usual_path) return 84 + shallow;
    if (usual == usual_last) return 80 + shallow;
    if (ends_with(usual_path, usual)) return 76 + shallow;
    if (same_set(usual, usual_last) || same_set(usual, usual_path)) return 72 + shallow;
    if (usual.size() > usual_last.size() && ends_with(usual, usual_last)) {
        auto allowed = usual_path;
        for (const auto& word : usual_words(table)) allowed.push_back(word);
        if (all_in(usual, usual.size() - usual_last.size(), allowed)) return 66 + shallow;
    }
    const auto spotted = spot_name(column.words);
    if (spotted && spotted->sure && leaf.spotted && leaf.spotted->sure && spotted->kind == leaf.spotted->kind &&
        spotted->kind != Personal::Name && spotted->kind != Personal::Address) {
        return 60 + shallow;
    }
    return 0;
}

std::optional<pipeline::Source> metadata_for(const pg::Column& column) {
    using enum pg::TypeClass;
    using pipeline::Metadata;
    const auto words = words_of(column.name);
    const auto written = joined(words);
    if (written.ends_with("messageid") || written == "msgid" || written == "sqsid") {
        return metadata("$message_id", Metadata::MessageId);
    }
    if (written == "receivecount") return metadata("$receive_count", Metadata::ReceiveCount);
    if (written == "groupid" || written == "messagegroupid") return metadata("$group_id", Metadata::GroupId);
    constexpr auto kBodies = std::to_array<std::string_view>(
        {"body", "raw", "payload", "message", "document", "doc", "json", "rawmessage", "rawbody", "rawjson", "data"});
    const bool json = column.type == Json || column.type == Jsonb;
    if (json && one_of(written, kBodies)) return metadata("$body", Metadata::Body);
    if (column.type != Date && column.type != Timestamp && column.type != TimestampTz) return std::nullopt;
    constexpr auto kReceived = std::to_array<std::string_view>(
        {"received", "ingested", "loaded", "inserted", "processed", "imported", "stored", "ingest", "load", "insert"});
    constexpr auto kSent =
        std::to_array<std::string_view>({"create", "created", "creation", "sent", "send", "event", "logged", "time",
                                         "timestamp", "ts", "date", "day", "queued", "occurred", "at", "published"});
    if (std::ranges::any_of(words, [&](const auto& word) { return one_of(word, kReceived); })) {
        return metadata("$received_at", Metadata::ReceivedAt);
    }
    if (std::ranges::any_of(words, [&](const auto& word) { return one_of(word, kSent); })) {
        return metadata("$sent_at", Metadata::SentAt);
    }
    return std::nullopt;
}

}  // namespace sqs2pg::infer
