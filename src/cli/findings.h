// What `check` finds: one line a finding, all at once, and whether any of them forbids a start. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/screen.h"

namespace sqs2pg::cli {

enum class Verdict { Ok, Warning, Error };

std::string_view name_of(Verdict verdict) noexcept;  // "ok", "warning", "error"

struct CheckFinding {
    Verdict verdict = Verdict::Ok;
    std::string code;      // stable: one of check_codes.h
    std::string pipeline;  // which it belongs to; empty: the process, or all of them
    std::string place;     // file:line:column, or the thing that was looked at
    std::string sentence;  // what was found and, unless it is well, what to do
};

class Findings {
   public:
    void ok(std::string_view code, std::string place, std::string sentence);
    void warning(std::string_view code, std::string place, std::string sentence);
    void error(std::string_view code, std::string place, std::string sentence);
    // The sentence of an error is its detail, or its code when there is none.
    void error(std::string_view code, std::string place, const Error& error);

    // What is added from now on belongs to this pipeline; empty: to none.
    void about(std::string pipeline) { pipeline_ = std::move(pipeline); }

    bool any_error() const;
    const std::vector<CheckFinding>& all() const noexcept { return findings_; }

    // `ok|warning|error  place  sentence [code]` a line, in columns, in the order found; a last line with the counts.
    // What is well has no code in its line. On a terminal sentences are wrapped behind their column and the verdicts
    // coloured. Where a finding has a code, the line before the counts says how to ask for it.
    std::string text(const Screen& screen = {}) const;

    // One JSON object: `errors`, `warnings`, and `findings` with verdict, code, pipeline, place, sentence, and of what
    // is not well reason and remedy.
    std::string json() const;

   private:
    void add(Verdict verdict, std::string_view code, std::string place, std::string sentence);
    std::ptrdiff_t count(Verdict verdict) const;

    std::string pipeline_;
    std::vector<CheckFinding> findings_;
};

}  // namespace sqs2pg::cli
