// Verdicts on json and jsonb, see checks.h. Source: RFC 8259; PostgreSQL 15, 8.14.
#include <bitset>
#include <cstdint>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

// As deep as the decoder lets a body be.
constexpr std::size_t kMostLevels = 1000;

// Four hex digits; -1: they are not.
int hex4(std::string_view text) noexcept {
    if (text.size() < 4) return -1;
    int value = 0;
    for (char c : text.substr(0, 4)) {
        if (!is_hex(c)) return -1;
        value = value * 16 + (is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

// The escapes of one JSON string, from behind its opening quote. `rest` is left behind the closing one.
std::optional<Refusal> check_escapes(std::string_view& rest) {
    bool high = false;  // a high surrogate wants its low one at once
    while (!rest.empty()) {
        char c = rest.front();
        if (high && (c != '\\' || rest.size() < 2 || rest[1] != 'u')) return Refusal::InvalidText;
        rest.remove_prefix(1);
        if (c == '"') return std::nullopt;
        if (c != '\\') continue;
        if (rest.empty()) break;
        bool unicode = rest.front() == 'u';
        rest.remove_prefix(1);
        if (!unicode) continue;
        int unit = hex4(rest);
        if (unit < 0) return Refusal::WrongType;
        rest.remove_prefix(4);
        bool low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (unit == 0 || low != high) return Refusal::InvalidText;
        high = unit >= 0xD800 && unit <= 0xDBFF;
    }
    return Refusal::WrongType;
}

bool is_json_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Grammar {
   public:
    explicit Grammar(std::string_view text) : rest_(text) {}

    bool one_value() {
        for (;;) {
            skip_blanks();
            if (take('{')) {
                if (!open(true)) return false;
                if (!take('}')) {
                    if (!key()) return false;
                    continue;
                }
                --depth_;
            } else if (take('[')) {
                if (!open(false)) return false;
                if (!take(']')) continue;
                --depth_;
            } else if (!scalar()) {
                return false;
            }
            if (depth_ == 0) break;
            bool more = false;
            if (!after_value(more)) return false;
            if (!more) break;
        }
        skip_blanks();
        return rest_.empty();
    }

   private:
    // Closes what ends here. `more`: another value follows; without it the outermost one has ended.
    bool after_value(bool& more) {
        while (depth_ > 0) {
            skip_blanks();
            bool object = objects_[depth_ - 1];
            if (take(',')) {
                more = true;
                skip_blanks();
                return !object || key();
            }
            if (!take(object ? '}' : ']')) return false;
            --depth_;
        }
        return true;
    }
    bool open(bool object) {
        if (depth_ == kMostLevels) return false;
        objects_[depth_++] = object;
        skip_blanks();
        return true;
    }
    bool key() {
        if (!take('"') || !string()) return false;
        skip_blanks();
        return take(':');
    }
    bool scalar() {
        if (take('"')) return string();
        if (take_word("true") || take_word("false") || take_word("null")) return true;
        return number();
    }
    bool string() {
        while (!rest_.empty()) {
            auto c = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            if (c == '"') return true;
            if (c < 0x20) return false;
            if (c != '\\') continue;
            if (rest_.empty()) return false;
            char escape = rest_.front();
            rest_.remove_prefix(1);
            if (escape == 'u') {
                if (hex4(rest_) < 0) return false;
                rest_.remove_prefix(4);
            } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
                return false;
            }
        }
        return false;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }
    bool digits() {
        std::size_t n = 0;
        while (n < rest_.size() && is_digit(rest_[n])) ++n;
        rest_.remove_prefix(n);
        return n > 0;
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_word(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    void skip_blanks() {
        while (!rest_.empty() && is_json_blank(rest_.front())) rest_.remove_prefix(1);
    }

    std::string_view rest_;
    std::size_t depth_ = 0;
    std::bitset<kMostLevels> objects_;
};

}  // namespace

bool is_json(std::string_view text) { return Grammar(text).one_value(); }

std::optional<Refusal> check_jsonb(std::string_view text) {
    while (!text.empty()) {
        char c = text.front();
        if (c == '"') {
            text.remove_prefix(1);
            if (auto refusal = check_escapes(text)) return refusal;
            continue;
        }
        if (c == '-' || is_digit(c)) {
            auto end = text.find_first_not_of("+-.0123456789eE");
            auto number = text.substr(0, end);
            if (number.size() > 30 || number.find_first_of("eE") != std::string_view::npos) {
                if (auto refusal = check_numeric(number, 0, 0)) return refusal;
            }
            text.remove_prefix(number.size());
            continue;
        }
        text.remove_prefix(1);
    }
    return std::nullopt;
}

}  // namespace sqs2pg::pg
