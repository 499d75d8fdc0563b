// See case_report.h.
#include "cases/case_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "cases/json_text.h"

namespace sqs2pg::cases {
namespace {

bool passed(const CaseResult& one) { return one.differences.empty(); }

std::ptrdiff_t count(std::span<const FileResult> files, bool wanted) {
    std::ptrdiff_t found = 0;
    for (const auto& file : files) found += std::ranges::count(file.cases, wanted, passed);
    return found;
}

std::string sentence(const Difference& difference) {
    const auto what = difference.what.empty() ? std::string() : difference.what + ": ";
    return fmt::format("{}expected {}, got {}", what, difference.expected, difference.actual);
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out += fmt::format("{}\"{}\": ", out.ends_with('{') ? "" : ", ", name);
    append_json_string(out, value);
}

std::string json_of(const CaseResult& one, const std::string& file) {
    std::string out = "{";
    append_member(out, "file", file);
    append_member(out, "name", one.name);
    append_member(out, "place", one.place);
    out += fmt::format(", \"passed\": {}, \"differences\": [", passed(one));
    for (const auto& difference : one.differences) {
        std::string member = "{";
        append_member(member, "place", difference.place);
        append_member(member, "what", difference.what);
        append_member(member, "expected", difference.expected);
        append_member(member, "actual", difference.actual);
        out += (&difference == &one.differences.front() ? "" : ", ") + member + "}";
    }
    return out + "]}";
}

std::string xml(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);  // XML 1.0 has no words for most of them
        }
    }
    return out;
}

}  // namespace

std::string case_text(std::span<const FileResult> files) {
    std::string out;
    for (const auto& file : files) {
        for (const auto& one : file.cases) {
            out += fmt::format("{:<5} {}  {}\n", passed(one) ? "ok" : "FAIL", one.place, one.name);
            for (const auto& difference : one.differences) {
                out += fmt::format("      {}  {}\n", difference.place, sentence(difference));
            }
        }
    }
    return out + fmt::format("{} passed, {} failed\n", count(files, true), count(files, false));
}

std::string case_json(std::span<const FileResult> files) {
    auto out = fmt::format("{{\"passed\": {}, \"failed\": {}, \"cases\": [", count(files, true), count(files, false));
    bool first = true;
    for (const auto& file : files) {
        for (const auto& one : file.cases) {
            out += (first ? "\n  " : ",\n  ") + json_of(one, file.file);
            first = false;
        }
    }
    return out + (first ? "]}\n" : "\n]}\n");
}

std::string case_junit(std::span<const FileResult> files) {
    auto out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sqs2pg test\" tests=\"{}\" failures=\"{}\">\n",
        count(files, true) + count(files, false), count(files, false));
    for (const auto& file : files) {
        out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", xml(file.file),
                           file.cases.size(), std::ranges::count(file.cases, false, passed));
        for (const auto& one : file.cases) {
            out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(file.file), xml(one.name));
            if (passed(one)) {
                out += "/>\n";
                continue;
            }
            std::string lines;
            for (const auto& difference : one.differences) {
                lines += fmt::format("{}  {}\n", difference.place, sentence(difference));
            }
            out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                               xml(sentence(one.differences.front())), xml(lines));
        }
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

}  // namespace sqs2pg::cases
