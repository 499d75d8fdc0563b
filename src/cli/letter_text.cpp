// Tables and JSON of dead letters, see letter_text.h.
#include "cli/letter_text.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "cli/json_object.h"
#include "cli/knowledge.h"
#include "cli/progress.h"
#include "cli/text_layout.h"

namespace sqs2pg::cli {

namespace {

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string json_or_null(const std::string& text) { return text.empty() ? "null" : json_text(text); }

// The first row is the heading. `least`: headings of columns to leave out where the terminal is too narrow, in turn.
std::string fitting_table(std::vector<Cells> rows, const Screen& screen, std::span<const std::string_view> least) {
    constexpr std::size_t kReadable = 10;  // a column that is cut to less tells little
    const auto room_of = [&] {
        std::size_t room = 0;
        for (std::size_t i = 0; i < rows[0].size(); ++i) {
            std::size_t widest = 0;
            for (const auto& row : rows) widest = std::max(widest, width_of(row[i]));
            room += std::min(widest, kReadable) + (i == 0 ? 0 : 2);
        }
        return room;
    };
    for (const auto heading : least) {
        if (screen.width == 0 || room_of() <= screen.width) break;
        const auto at = std::ranges::find(rows[0], heading) - rows[0].begin();
        for (auto& row : rows) row.erase(row.begin() + at);
    }
    auto text = table_of(rows, screen.width, std::vector<bool>(rows[0].size(), true));
    const auto end = text.find('\n');
    return inked(screen, Ink::Bold, std::string_view(text).substr(0, end)) + text.substr(end);
}

std::string reason_hint(const Screen& screen, const std::string& reason) {
    return explain(reason).empty() ? std::string() : explain_hint(screen, reason, "a reason");
}

std::string dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

std::string letters_phrase(std::uint64_t count) {
    return fmt::format("{} dead letter{}", grouped(count), count == 1 ? "" : "s");
}

std::uint64_t unsigned_of(std::int64_t number) { return number < 0 ? 0 : static_cast<std::uint64_t>(number); }

// Reasons or key ids with their counts, most first.
std::string counted(const std::map<std::string, std::uint64_t>& counts) {
    std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::ranges::sort(
        sorted, [](const auto& a, const auto& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
    std::string text;
    for (const auto& [name, count] : sorted) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(name), grouped(count));
    }
    return text;
}

using Field = std::pair<const char*, const std::string schema::LetterLine::*>;

constexpr auto kTexts = std::to_array<Field>({
    {"id", &schema::LetterLine::id},
    {"pipeline", &schema::LetterLine::pipeline},
    {"queue", &schema::LetterLine::queue},
    {"message_id", &schema::LetterLine::message_id},
    {"reason", &schema::LetterLine::reason},
    {"place", &schema::LetterLine::place},
    {"sqlstate", &schema::LetterLine::sqlstate},
    {"key_id", &schema::LetterLine::key_id},
    {"sent_at", &schema::LetterLine::sent_at},
    {"first_received_at", &schema::LetterLine::first_received_at},
    {"last_received_at", &schema::LetterLine::last_received_at},
    {"created_at", &schema::LetterLine::created_at},
    {"last_replayed_at", &schema::LetterLine::last_replayed_at},
});

}  // namespace

std::string printable(std::string_view text, bool lines) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto byte = static_cast<unsigned char>(out[i]);
        bool kept = lines && (out[i] == '\n' || out[i] == '\t');
        if ((byte < 0x20 || byte == 0x7f) && !kept) out[i] = '?';
        // U+0080 to U+009F are controls too: CSI among them.
        if (byte == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0) out.replace(i, 2, "?");
    }
    return out;
}

std::string letters_table(const std::vector<schema::LetterLine>& letters, std::uint64_t total, const Screen& screen) {
    if (letters.empty()) return "no dead letters\n";
    std::vector<Cells> rows = {{"ID", "SINCE", "PIPELINE", "REASON", "PLACE", "SQLSTATE", "REPLAYS"}};
    for (const auto& letter : letters) {
        rows.push_back({letter.id, letter.created_at, printable(letter.pipeline), printable(letter.reason),
                        dash(letter.place), dash(letter.sqlstate), std::to_string(letter.replay_count)});
    }
    static constexpr std::string_view kLeast[] = {"SQLSTATE", "REPLAYS", "SINCE", "PIPELINE"};
    auto text = fitting_table(std::move(rows), screen, kLeast);
    if (letters.size() < total) {
        text += wrapped(fmt::format("the newest {} of {}; --limit shows more, --counts all in groups",
                                    grouped(letters.size()), letters_phrase(total)),
                        screen.width);
    } else {
        text += letters_phrase(total) + "\n";
    }
    return text + reason_hint(screen, letters.front().reason);
}

std::string letter_json(const schema::LetterLine& letter, const std::string* message) {
    std::string text = "{";
    for (const auto& [name, member] : kTexts) text += fmt::format("\"{}\":{},", name, json_or_null(letter.*member));
    text += fmt::format("\"receive_count\":{},\"replay_count\":{}", letter.receive_count, letter.replay_count);
    if (message != nullptr) text += ",\"message\":" + *message;
    return text + "}";
}

std::string letters_json(const std::vector<schema::LetterLine>& letters, std::uint64_t total) {
    std::string text = fmt::format("{{\"total\":{},\"dead_letters\":[", total);
    for (std::size_t i = 0; i < letters.size(); ++i) text += (i == 0 ? "" : ",") + letter_json(letters[i], nullptr);
    return text + "]}\n";
}

std::string counts_table(const std::vector<schema::LetterCount>& counts, const Screen& screen) {
    if (counts.empty()) return "no dead letters\n";
    std::vector<Cells> rows = {{"PIPELINE", "REASON", "COUNT", "OLDEST", "NEWEST"}};
    std::uint64_t total = 0;
    for (const auto& one : counts) {
        total += unsigned_of(one.letters);
        rows.push_back({printable(one.pipeline), printable(one.reason), grouped(unsigned_of(one.letters)), one.oldest,
                        one.newest});
    }
    static constexpr std::string_view kLeast[] = {"OLDEST", "NEWEST"};
    return fitting_table(std::move(rows), screen, kLeast) + letters_phrase(total) + "\n" +
           reason_hint(screen, counts.front().reason);
}

std::string counts_json(const std::vector<schema::LetterCount>& counts) {
    std::string list;
    std::uint64_t total = 0;
    for (const auto& one : counts) {
        total += unsigned_of(one.letters);
        list += fmt::format("{}{{\"pipeline\":{},\"reason\":{},\"count\":{},\"oldest\":{},\"newest\":{}}}",
                            list.empty() ? "" : ",", json_text(one.pipeline), json_text(one.reason), one.letters,
                            json_or_null(one.oldest), json_or_null(one.newest));
    }
    return fmt::format("{{\"total\":{},\"counts\":[{}]}}\n", total, list);
}

std::string letter_block(const schema::LetterLine& letter, const Screen& screen) {
    std::string text;
    for (const auto& [name, member] : kTexts) text += fmt::format("{:<19}{}\n", name, dash(letter.*member));
    return text +
           fmt::format("{:<19}{}\n{:<19}{}\n", "receive_count", letter.receive_count, "replay_count",
                       letter.replay_count) +
           reason_hint(screen, letter.reason);
}

std::string message_block(const pipeline::Received& message, bool plain) {
    auto shown = [&](std::string_view text) { return plain ? printable(text, true) : std::string(text); };
    std::string text;
    for (const auto& attribute : message.attributes) {
        text += fmt::format("attribute {} ({}): {}\n", shown(attribute.name), shown(attribute.data_type),
                            shown(attribute.value));
    }
    if (!message.group_id.empty()) text += fmt::format("group {}\n", shown(message.group_id));
    if (!message.sequence_number.empty()) text += fmt::format("sequence number {}\n", shown(message.sequence_number));
    return text + "body:\n" + shown(message.body) + "\n";
}

std::string replay_summary(const std::string& pipeline, const pipeline::ReplayCounts& counts, double seconds,
                           bool dry_run) {
    const auto rate = seconds > 0 ? static_cast<double>(counts.written) / seconds : 0;
    std::string text =
        fmt::format("{}: {} {} {} row{}", pipeline, letters_phrase(counts.written), dry_run ? "would become" : "became",
                    grouped(counts.rows), counts.rows == 1 ? "" : "s");
    if (dry_run) {
        text += " (a dry run: nothing was changed, and what only the server refuses was not tried)\n";
    } else {
        text += fmt::format(" in {} ({}/s)\n", duration_text(seconds), grouped(static_cast<std::uint64_t>(rate)));
    }
    std::uint64_t again = 0;
    for (const auto& [reason, count] : counts.again) again += count;
    auto line = [&](std::uint64_t count, const std::string& what) {
        if (count > 0) text += fmt::format("  {} {}\n", grouped(count), what);
    };
    line(counts.ignored, dry_run ? "would be removed: no route wants them" : "removed: no route wants them");
    line(again, (dry_run ? "would stay: " : "are dead letters still: ") + counted(counts.again));
    for (const auto& [key, count] : counts.without_key) {
        line(count, fmt::format("left: sealed with key {}, which is not in the key file", printable(key)));
    }
    line(counts.unreadable,
         fmt::format("left: the sealed message cannot be read, as that of {}", counts.unreadable_id.value_or("-")));
    line(counts.held, "left: somebody else held them for too long");
    line(counts.objects_left, "became rows, but their objects could not be deleted and stay in S3");
    line(counts.gone, "were no longer there: another replay or a drop took them");
    return text;
}

std::string replay_json(const std::string& pipeline, const pipeline::ReplayOutcome& outcome, double seconds) {
    const auto by_name = [](const std::map<std::string, std::uint64_t>& counts) {
        std::string members;
        for (const auto& [name, count] : counts) {
            members += fmt::format("{}{}:{}", members.empty() ? "" : ",", json_text(name), count);
        }
        return "{" + members + "}";
    };
    const auto& counts = outcome.counts;
    std::string error;
    if (outcome.error) error = outcome.error->detail.empty() ? describe(*outcome.error) : outcome.error->detail;
    return JsonObject()
        .text("pipeline", pipeline)
        .number("replayed", counts.written)
        .number("rows_written", counts.rows)
        .number("ignored", counts.ignored)
        .raw("dead_lettered", by_name(counts.again))
        .raw("without_key", by_name(counts.without_key))
        .number("unreadable", counts.unreadable)
        .text_or_null("unreadable_id", counts.unreadable_id.value_or(""))
        .number("held", counts.held)
        .number("gone", counts.gone)
        .number("seconds", seconds, 3)
        .flag("stopped", outcome.stopped)
        .text_or_null("error", error)
        .done();
}

}  // namespace sqs2pg::cli
