// Verdicts on arrays, ranges and multiranges, see checks.h: their own syntax here, each element by its own type's
// check. Source: PostgreSQL 15, 8.15.2 "Array Value Input" and 8.17.5 "Range Input/Output".
#include <algorithm>
#include <functional>
#include <string>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

using Verdict = std::optional<Refusal>;

constexpr std::size_t kMostDimensions = 6;

class ArrayReader {
   public:
    ArrayReader(const Column& array, std::string_view text) : array_(array), rest_(text) {}

    Verdict read() {
        skip_blanks();
        // What explicit bounds say is left to the server; they must lead to a body.
        if (rest_.starts_with('[')) {
            auto body = rest_.find('=');
            if (body == std::string_view::npos) return Refusal::WrongType;
            rest_.remove_prefix(body + 1);
            skip_blanks();
        }
        if (!take('{')) return Refusal::WrongType;
        skip_blanks();
        if (!take('}')) {
            if (auto refusal = read_level(0)) return refusal;
        }
        skip_blanks();
        return rest_.empty() ? std::nullopt : Verdict(Refusal::WrongType);
    }

   private:
    // Behind the brace that opens it, up to behind the one that closes it.
    Verdict read_level(std::size_t level) {
        if (level == kMostDimensions) return Refusal::WrongType;
        std::size_t count = 0;
        do {
            skip_blanks();
            if (take('{')) {
                if (depth_ != 0 && level + 1 >= depth_) return Refusal::WrongType;
                if (auto refusal = read_level(level + 1)) return refusal;
            } else {
                if (depth_ == 0) depth_ = level + 1;
                if (depth_ != level + 1) return Refusal::WrongType;
                if (auto refusal = read_element()) return refusal;
            }
            ++count;
            skip_blanks();
        } while (take(array_.delimiter));
        if (!take('}')) return Refusal::WrongType;
        // All arrays of a level have one length.
        if (lengths_[level] == 0) lengths_[level] = count;
        return lengths_[level] == count ? std::nullopt : Verdict(Refusal::WrongType);
    }

    Verdict read_element() {
        bool quoted = take('"');
        auto from = rest_;
        std::size_t plain = 0;  // characters that need no unescaping
        while (plain < rest_.size() && !ends_element(rest_[plain], quoted) && rest_[plain] != '\\') ++plain;
        rest_.remove_prefix(plain);
        if (!rest_.starts_with('\\')) {
            auto text = from.substr(0, plain);
            if (quoted) return take('"') ? judge(text) : Verdict(Refusal::WrongType);
            text = trim_blanks(text);
            if (text.empty() || rest_.starts_with('"') || rest_.starts_with('{')) return Refusal::WrongType;
            return equals_ignoring_case(text, "null") ? judge_null() : judge(text);
        }
        return read_escaped(from.substr(0, plain), quoted);
    }

    // The rest of an element in which a backslash stands.
    Verdict read_escaped(std::string_view before, bool quoted) {
        std::string text(quoted ? before : before.substr(before.size() - trim_front(before).size()));
        std::size_t escaped_until = 0;  // blanks that were escaped are kept
        while (!rest_.empty() && !ends_element(rest_.front(), quoted)) {
            bool escaped = take('\\');
            if (rest_.empty()) return Refusal::WrongType;
            text += rest_.front();
            rest_.remove_prefix(1);
            if (escaped) escaped_until = text.size();
        }
        if (quoted) return take('"') ? judge(text) : Verdict(Refusal::WrongType);
        if (rest_.starts_with('"') || rest_.starts_with('{')) return Refusal::WrongType;
        while (text.size() > escaped_until && is_blank(text.back())) text.pop_back();
        return judge(text);
    }

    bool ends_element(char c, bool quoted) const {
        if (quoted) return c == '"';
        return c == array_.delimiter || c == '}' || c == '{' || c == '"';
    }
    static std::string_view trim_front(std::string_view text) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        return text;
    }
    Verdict judge(std::string_view text) const {
        return array_.element ? check_value(*array_.element, text) : Verdict{};
    }
    Verdict judge_null() const {
        return array_.element && array_.element->not_null ? Verdict(Refusal::NotNull) : Verdict{};
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_blanks() { rest_ = trim_front(rest_); }

    const Column& array_;
    std::string_view rest_;
    std::size_t depth_ = 0;  // how many braces lie around an element; 0: none has been met
    std::size_t lengths_[kMostDimensions] = {};
};

// One bound up to the comma or bracket that ends it; nothing at all is infinite. False: it never ends.
bool read_bound(std::string_view& rest, std::optional<std::string>& bound) {
    std::string text;
    bool quoted = false;
    bool any = false;
    for (;; any = true) {
        if (rest.empty()) return false;
        char c = rest.front();
        if (!quoted && (c == ',' || c == ')' || c == ']')) break;
        rest.remove_prefix(1);
        if (c == '\\') {
            if (rest.empty()) return false;
            text += rest.front();
            rest.remove_prefix(1);
        } else if (c == '"' && quoted && rest.starts_with('"')) {
            text += '"';
            rest.remove_prefix(1);
        } else if (c == '"') {
            quoted = !quoted;
        } else {
            text += c;
        }
    }
    if (any) bound = std::move(text);
    return true;
}

bool skip_to(std::string_view& rest, char c) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
}

// Whether the lower bound lies below the upper one is the server's to judge.
Verdict read_range(const Column& range, std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    constexpr std::string_view kEmpty = "empty";
    if (equals_ignoring_case(rest.substr(0, kEmpty.size()), kEmpty)) {
        rest.remove_prefix(kEmpty.size());
        return std::nullopt;
    }
    if (!rest.starts_with('[') && !rest.starts_with('(')) return Refusal::WrongType;
    rest.remove_prefix(1);
    std::optional<std::string> bounds[2];
    if (!read_bound(rest, bounds[0]) || !rest.starts_with(',')) return Refusal::WrongType;
    rest.remove_prefix(1);
    if (!read_bound(rest, bounds[1]) || rest.starts_with(',')) return Refusal::WrongType;
    rest.remove_prefix(1);
    for (const auto& bound : bounds) {
        if (!bound || !range.element) continue;
        if (auto refusal = check_value(*range.element, *bound)) return refusal;
    }
    return std::nullopt;
}

}  // namespace

Verdict check_array(const Column& column, std::string_view text) { return ArrayReader(column, text).read(); }

Verdict check_range(const Column& column, std::string_view text) {
    if (auto refusal = read_range(column, text)) return refusal;
    return trim_blanks(text).empty() ? std::nullopt : Verdict(Refusal::WrongType);
}

Verdict check_multirange(const Column& column, std::string_view text) {
    if (!skip_to(text, '{')) return Refusal::WrongType;
    if (!skip_to(text, '}')) {
        do {
            if (auto refusal = read_range(column, text)) return refusal;
        } while (skip_to(text, ','));
        if (!skip_to(text, '}')) return Refusal::WrongType;
    }
    return trim_blanks(text).empty() ? std::nullopt : Verdict(Refusal::WrongType);
}

// Exactly one of the labels, which are sorted. Without them (a type made by hand) the server judges.
Verdict check_enum(const Column& column, std::string_view text) {
    if (!column.labels) return std::nullopt;
    bool known = std::ranges::binary_search(*column.labels, text, std::less<>{});
    return known ? std::nullopt : Verdict(Refusal::WrongType);
}

}  // namespace sqs2pg::pg
