// Canonical requests, see canonical_request.h.
#include "aws/canonical_request.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace sqs2pg::aws {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// Without empty and "." segments, ".." taken away; a trailing slash stays.
std::string normalized_path(std::string_view path) {
    std::vector<std::string_view> kept;
    bool trailing = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    for (std::size_t at = 0; at < path.size();) {
        auto end = std::min(path.find('/', at), path.size());
        auto segment = path.substr(at, end - at);
        at = end + 1;
        if (segment.empty() || segment == ".") continue;
        if (segment != "..") {
            kept.push_back(segment);
        } else if (!kept.empty()) {
            kept.pop_back();
        }
    }
    std::string out;
    for (auto segment : kept) out.append("/").append(segment);
    if (out.empty() || trailing) out += '/';
    return out;
}

void append_query(std::string& out, std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!query.empty()) {
        auto end = std::min(query.find('&'), query.size());
        auto parameter = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (parameter.empty()) continue;
        auto equals = std::min(parameter.find('='), parameter.size());
        auto& [name, value] = parameters.emplace_back();
        append_uri_encoded(name, percent_decoded(parameter.substr(0, equals)), false);
        if (equals < parameter.size()) {
            append_uri_encoded(value, percent_decoded(parameter.substr(equals + 1)), false);
        }
    }
    std::sort(parameters.begin(), parameters.end());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (i > 0) out += '&';
        out.append(parameters[i].first).append("=").append(parameters[i].second);
    }
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Trimmed, runs of white space as one blank.
void append_header_value(std::string& out, std::string_view value) {
    // Without an early end the compiler looks at many at a time: session tokens are long and hold no blank.
    bool plain = true;
    for (char c : value) plain &= static_cast<unsigned char>(c) > ' ';
    if (plain) {
        out.append(value);
        return;
    }
    bool pending = false;
    bool any = false;
    for (char c : value) {
        if (is_space(c)) {
            pending = any;
            continue;
        }
        if (pending) out += ' ';
        pending = false;
        any = true;
        out += c;
    }
}

// What stands encoded on the wire stays as it is.
void append_encoded_once(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool encoded =
            text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        if (encoded) {
            out += '%';
        } else {
            append_uri_encoded(out, text.substr(i, 1), true);
        }
    }
}

struct NamedHeader {
    std::string name;  // lower case; short enough to need no allocation in most cases
    const std::string* value;
};

}  // namespace

void append_uri_encoded(std::string& out, std::string_view text, bool keep_slash) {
    for (char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            out += c;
            continue;
        }
        auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHexDigits[byte >> 4];
        out += kHexDigits[byte & 15];
    }
}

void append_canonical_request(const SignableRequest& request, std::string& out, std::string& signed_headers) {
    auto question = std::min(request.target.find('?'), request.target.size());
    auto path = request.target.substr(0, question);
    out.append(request.method).append("\n");
    auto append_path = [&](std::string_view text) {
        request.double_encode_path ? append_uri_encoded(out, text, true) : append_encoded_once(out, text);
    };
    if (path.empty() || path == "/") {
        out += '/';
    } else if (request.normalize_path) {
        append_path(normalized_path(path));
    } else {
        append_path(path);
    }
    out += '\n';
    if (question < request.target.size()) append_query(out, request.target.substr(question + 1));
    out += '\n';

    std::vector<NamedHeader> sorted;
    sorted.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) {
        auto& entry = sorted.emplace_back(NamedHeader{name, &value});
        for (char& c : entry.name) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
    }
    // Values of one name keep the order of the wire, in which they stand in memory.
    std::sort(sorted.begin(), sorted.end(), [](const NamedHeader& a, const NamedHeader& b) {
        if (auto order = a.name.compare(b.name); order != 0) return order < 0;
        return std::less<>()(a.value, b.value);
    });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        bool repeated = i > 0 && sorted[i].name == sorted[i - 1].name;
        if (repeated) {
            out.back() = ',';
        } else {
            out.append(sorted[i].name).append(":");
            if (i > 0) signed_headers += ';';
            signed_headers += sorted[i].name;
        }
        append_header_value(out, *sorted[i].value);
        out += '\n';
    }
    out.append("\n").append(signed_headers).append("\n").append(request.payload_sha256);
}

}  // namespace sqs2pg::aws
