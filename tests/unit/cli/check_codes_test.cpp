// The table of findings holds every code that the sources use, no other, and docs/check.md is what it says.
#include "cli/check_codes.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

// Tests run somewhere below the checkout, or in it.
std::filesystem::path checkout() {
    for (auto base = std::filesystem::current_path();; base = base.parent_path()) {
        if (std::filesystem::exists(base / "src" / "cli" / "check_codes.cpp")) return base;
        if (!base.has_relative_path()) return {};
    }
}

std::string text_of(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// `findings.warning("code", …` and `RedriveDanger{"code", …` in cli, and the last member of a Finding in pipeline:
// `, "code"}`.
std::set<std::string> codes_in_sources(const std::filesystem::path& root) {
    static const std::regex kAdded(
        R"((?:findings\.|look\.|\b)(?:(?:ok|warning|error)\(|RedriveDanger\{)\s*"([a-z_0-9]+)\")");
    static const std::regex kRule(R"re([,?:]\s*"([a-z_0-9]+)"(?:\s*:\s*"[a-z_0-9]+")?\}\))re");
    static const std::regex kOther(R"re("[a-z_0-9]+"\s*:\s*"([a-z_0-9]+)"\}\))re");
    std::set<std::string> codes;
    for (const char* folder : {"cli", "pipeline"}) {
        for (const auto& entry : std::filesystem::directory_iterator(root / "src" / folder)) {
            const auto name = entry.path().filename().string();
            const bool rules = name.find("rules") != name.npos;
            if (entry.path().extension() != ".cpp" || (std::string_view(folder) == "pipeline" && !rules)) continue;
            const auto text = text_of(entry.path());
            for (const auto* pattern : {&kAdded, &kRule, &kOther}) {
                if (pattern != &kAdded && !rules) continue;
                for (std::sregex_iterator i(text.begin(), text.end(), *pattern), end; i != end; ++i) {
                    codes.insert((*i)[1].str());
                }
            }
        }
    }
    return codes;
}

TEST(CheckCodes, EachStandsOnceWithAReasonAndARemedy) {
    std::set<std::string_view> seen;
    for (const auto& known : check_codes()) {
        EXPECT_TRUE(seen.insert(known.code).second) << known.code;
        EXPECT_TRUE(known.reason.ends_with('.') && known.remedy.ends_with('.')) << known.code;
        EXPECT_FALSE(known.verdicts.empty()) << known.code;
    }
}

TEST(CheckCodes, AreThoseThatTheSourcesUse) {
    const auto root = checkout();
    if (root.empty()) {
        if (std::getenv("CI") != nullptr) FAIL() << "run this test in the checkout or below it";
        GTEST_SKIP() << "not run in the checkout or below it";
    }
    const auto used = codes_in_sources(root);
    EXPECT_GT(used.size(), 30u);
    for (const auto& code : used) EXPECT_NE(find_check_code(code), nullptr) << code << " is not in check_codes.cpp";
    for (const auto& known : check_codes()) {
        EXPECT_TRUE(used.contains(std::string(known.code))) << known.code << " is used nowhere";
    }
}

TEST(CheckCodes, ThePageIsTheOneInDocs) {
    const auto root = checkout();
    if (root.empty()) GTEST_SKIP() << "not run in the checkout or below it";
    const auto path = root / "docs" / "check.md";
    if (std::getenv("SQS2PG_WRITE_GOLDEN") != nullptr) std::ofstream(path) << check_page();
    EXPECT_TRUE(text_of(path) == check_page()) << "docs/check.md is not what the table says; SQS2PG_WRITE_GOLDEN=1 "
                                                  "unit_cli writes it";
}

}  // namespace
}  // namespace sqs2pg::cli
