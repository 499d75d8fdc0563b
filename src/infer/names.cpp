// Names as words, see names.h.
#include "infer/names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sqs2pg::infer {

namespace {

constexpr std::size_t kMostIdentifierBytes = 63;

bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// U+00C0 to U+00FF, the letters of Western Europe: what follows the byte C3.
std::string_view without_accent(unsigned char second) noexcept {
    if (second == 0x9F) return "ss";
    const auto lower = static_cast<unsigned char>(second | 0x20);
    if (lower == 0xB7) return {};  // a division sign
    if (lower <= 0xA5) return "a";
    if (lower == 0xA6) return "ae";
    if (lower == 0xA7) return "c";
    if (lower <= 0xAB) return "e";
    if (lower <= 0xAF) return "i";
    if (lower == 0xB1) return "n";
    if (lower <= 0xB6 || lower == 0xB8) return "o";
    if (lower <= 0xBC) return "u";
    return "y";
}

std::string folded(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        if (byte == 0xC3 && i + 1 < name.size()) {
            out += without_accent(static_cast<unsigned char>(name[++i]));
        } else {
            out.push_back(name[i]);
        }
    }
    return out;
}

constexpr auto kSpellings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"mail", "email"},       {"tel", "phone"},      {"telephone", "phone"}, {"mobile", "phone"},
    {"addr", "address"},     {"ts", "time"},        {"timestamp", "time"},  {"at", "time"},
    {"date", "time"},        {"datetime", "time"},  {"on", "time"},         {"created", "create"},
    {"creation", "create"},  {"updated", "update"}, {"modified", "update"}, {"changed", "update"},
    {"num", "number"},       {"nr", "number"},      {"no", "number"},       {"qty", "quantity"},
    {"amt", "amount"},       {"lat", "latitude"},   {"lng", "longitude"},   {"lon", "longitude"},
    {"desc", "description"}, {"cat", "category"},   {"ref", "reference"},   {"usr", "user"},
    {"curr", "currency"},    {"ident", "id"},       {"identifier", "id"},   {"lang", "language"},
    {"msg", "message"},      {"ver", "version"},    {"dev", "device"},
});

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
    const auto text = folded(name);
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.push_back(std::exchange(word, {}));
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool keeps = is_upper(c) || is_lower(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
        if (!keeps) {
            end_word();
            continue;
        }
        // userId, IPAddress: before a capital that follows a small letter, or precedes one.
        const bool after_small = i > 0 && (is_lower(text[i - 1]) || is_digit(text[i - 1]));
        const bool before_small = i > 0 && is_upper(text[i - 1]) && i + 1 < text.size() && is_lower(text[i + 1]);
        if (is_upper(c) && (after_small || before_small)) end_word();
        word.push_back(is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c);
    }
    end_word();
    return words;
}

std::vector<std::string> usual_words(const std::vector<std::string>& words) {
    std::vector<std::string> out;
    for (const auto& word : words) {
        const auto* known = std::ranges::find(kSpellings, word, &std::pair<std::string_view, std::string_view>::first);
        if (known != kSpellings.end()) {
            out.emplace_back(known->second);
        } else if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us")) {
            out.push_back(word.substr(0, word.size() - 1));
        } else {
            out.push_back(word);
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += separator;
        out += word;
    }
    return out;
}

bool holds_run(const std::vector<std::string>& words, std::string_view joined_entry) {
    for (std::size_t first = 0; first < words.size(); ++first) {
        std::string_view rest = joined_entry;
        for (std::size_t at = first; at < words.size() && rest.starts_with(words[at]); ++at) {
            rest.remove_prefix(words[at].size());
            if (rest.empty()) return true;
        }
    }
    return false;
}

std::string column_name(std::string_view name) {
    std::string out;
    for (const auto& word : words_of(name)) {
        std::string plain;
        for (const char c : word) {
            if (is_lower(c) || is_digit(c)) plain.push_back(c);
        }
        if (plain.empty()) continue;
        if (!out.empty()) out.push_back('_');
        out += plain;
    }
    if (out.empty()) return "column";
    if (is_digit(out.front())) out.insert(0, "c");
    if (out.size() > kMostIdentifierBytes) out.resize(kMostIdentifierBytes);
    return out;
}

}  // namespace sqs2pg::infer
