// See knowledge_text.h.
#include "cli/knowledge_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/json_object.h"
#include "cli/text_layout.h"

namespace sqs2pg::cli {
namespace {

// Prose with `commands` in it, on a terminal without the backquotes' help as well.
void append_part(std::string& out, const Screen& screen, std::string_view heading, std::string_view text) {
    if (text.empty()) return;
    out += inked(screen, Ink::Bold, heading) + "\n" + wrapped(text, screen.prose_width(), 2) + "\n";
}

std::string first_sentence(std::string_view text) {
    for (std::size_t at = text.find(". "); at != text.npos; at = text.find(". ", at + 1)) {
        // "e.g. " and the like do not occur; a sentence ends before a capital or a backquote.
        if (at + 2 < text.size()) return std::string(text.substr(0, at + 1));
    }
    return std::string(text);
}

// A row a meaning: several codes may share one.
void append_table(std::string& page, Subject subject) {
    page += "| word | means | what to do |\n|---|---|---|\n";
    std::vector<std::pair<std::string, const Knowledge*>> rows;
    for (const auto& known : all_knowledge()) {
        if (known.subject != subject) continue;
        const auto same = std::ranges::find_if(rows, [&](const auto& row) {
            return row.second->meaning == known.meaning && row.second->remedy == known.remedy;
        });
        const auto word = fmt::format("`{}`", known.word);
        same == rows.end() ? rows.emplace_back(word, &known).first : same->first += ", " + word;
    }
    for (const auto& [words, known] : rows)
        page += fmt::format("| {} | {} | {} |\n", words, known->meaning, known->remedy);
    page += "\n";
}

void append_section(std::string& page, const Knowledge& known) {
    page += fmt::format("### {}\n\n{}\n\n", known.word, known.meaning);
    page += fmt::format("**Seen:** {}\n\n**What to do:** {}\n", known.seen, known.remedy);
    if (!known.commands.empty()) page += fmt::format("\n```sh\n{}\n```\n", fmt::join(known.commands, "\n"));
    if (!known.see.empty()) page += fmt::format("\nSee also: `{}`.\n", fmt::join(known.see, "`, `"));
    page += "\n";
}

bool is_table(Subject subject) {
    return subject == Subject::Sqlstate || subject == Subject::QueueCode || subject == Subject::LogLine ||
           subject == Subject::LetGo || subject == Subject::ExitCode;
}

}  // namespace

std::string explanation_text(std::span<const Knowledge> found, const Screen& screen) {
    std::string out;
    for (const auto& known : found) {
        if (!out.empty()) out += "\n";
        out += fmt::format("{}: {}\n\n", inked(screen, Ink::Bold, known.word), phrase_of(known.subject));
        out += wrapped(known.meaning, screen.prose_width(), 2) + "\n";
        append_part(out, screen, "Seen", known.seen);
        append_part(out, screen, "What to do", known.remedy);
        for (const auto& command : known.commands) out += fmt::format("    {}\n", command);
        if (!known.commands.empty()) out += "\n";
        append_part(out, screen, "See also", fmt::format("{}", fmt::join(known.see, ", ")));
        out.pop_back();
    }
    return out;
}

std::string explanation_json(std::span<const Knowledge> found) {
    std::vector<std::string> entries;
    for (const auto& known : found) {
        JsonObject entry;
        entry.text("kind", name_of(known.subject))
            .text("word", known.word)
            .text("meaning", known.meaning)
            .text("seen", known.seen)
            .text("remedy", known.remedy)
            .texts("commands", known.commands)
            .texts("see", known.see);
        entries.push_back("\n  " + entry.done());
    }
    return JsonObject().array("entries", entries).done() + "\n";
}

std::string knowledge_list(const Screen& screen) {
    std::string out;
    for (const auto subject : kSubjects) {
        out += fmt::format("{}{}\n", out.empty() ? "" : "\n", inked(screen, Ink::Bold, title_of(subject)));
        std::size_t widest = 0;
        for (const auto& word : words_of(subject)) widest = std::max(widest, std::min<std::size_t>(28, width_of(word)));
        for (const auto& known : all_knowledge()) {
            if (known.subject != subject) continue;
            out += cut_to(fmt::format("  {}  {}", padded(known.word, widest), first_sentence(known.meaning)),
                          screen.width) +
                   "\n";
        }
    }
    return out + "\nsqs2pg explain WORD tells what it means and what to do.\n";
}

std::string knowledge_page() {
    std::string page;
    for (const auto subject : kSubjects) {
        if (subject == Subject::Finding || subject == Subject::Metric) continue;  // docs/check.md; the table above
        page += fmt::format("## {}\n\n", title_of(subject));
        if (is_table(subject)) {
            append_table(page, subject);
            continue;
        }
        for (const auto& known : all_knowledge()) {
            if (known.subject == subject) append_section(page, known);
        }
    }
    while (page.ends_with("\n\n")) page.pop_back();
    return page;
}

}  // namespace sqs2pg::cli
