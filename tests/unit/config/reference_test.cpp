// The table of fields is whole, and docs/configuration.md is what it says.
#include "config/reference.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "config/fields.h"
#include "config/json_schema.h"
#include "unit/config/texts.h"

namespace sqs2pg::config {
namespace {

using testing_texts::kRight;
using testing_texts::no_environment;
using testing_texts::text_of;

// Tests run somewhere below the checkout, or in it.
std::filesystem::path docs_path(const std::string& name) {
    for (auto base = std::filesystem::current_path();; base = base.parent_path()) {
        if (std::filesystem::exists(base / "src" / "config" / "fields.cpp")) return base / "docs" / name;
        if (!base.has_relative_path()) return {};
    }
}

void expect_in_docs(const std::string& name, const std::string& text) {
    auto path = docs_path(name);
    if (path.empty()) {
        if (std::getenv("CI") != nullptr) FAIL() << "run this test in the checkout or below it";
        GTEST_SKIP() << "not run in the checkout or below it";
    }
    if (std::getenv("SQS2PG_WRITE_GOLDEN") != nullptr) std::ofstream(path) << text;
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    EXPECT_TRUE(page.str() == text) << "docs/" << name
                                    << " is not what the table says; SQS2PG_WRITE_GOLDEN=1 unit_config writes it";
}

TEST(Reference, ThePageIsTheOneInDocs) { expect_in_docs("configuration.md", reference_markdown()); }
TEST(Reference, TheSchemaIsTheOneInDocs) { expect_in_docs("sqs2pg.schema.json", json_schema()); }

TEST(Reference, ItsExampleIsRight) {
    auto page = reference_markdown();
    auto start = page.find("```yaml\n") + 8;
    auto yaml = page.substr(start, page.find("```", start) - start);
    EXPECT_EQ(text_of(load_text(yaml, "example", no_environment()).mistakes), "");
}

TEST(Fields, EachStandsOnceAndIsDescribed) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& field : fields()) {
        EXPECT_TRUE(seen.emplace(field.section, field.name).second) << field.name;
        EXPECT_EQ(field.doc.empty(), field.need == Need::Later) << field.name;
        if (field.type == FieldType::Choice) {
            EXPECT_FALSE(field.choices.empty()) << field.name;
        }
    }
}

// What a column's option needs beside it.
std::string beside(std::string_view name, std::string_view value) {
    if (name == "as") return ", mask: hmac, domain: d";
    if (value == "hmac" || value == "siv" || value == "ip-prefix") return ", domain: d";
    return value == "keep-last" ? ", keep: 4" : "";
}

// The names that the readers know are those of the table: every default and every choice of the table is taken.
TEST(Fields, DefaultsAndChoicesAreTaken) {
    for (const auto& field : fields()) {
        auto values = split_choices(field.choices);
        if (!field.fallback.empty()) values.push_back(field.fallback);
        for (auto value : values) {
            auto line = std::string(field.name) + ": " + std::string(value);
            auto yaml = kRight;
            if (field.name == "otherwise") {
                yaml = "keys: {file: /k}\npipelines:\n  p:\n    queue: q\n    " + line +
                       "\n    routes:\n      - {when: {a: 1}, table: t, columns: {a: a}}\n";
            } else if (field.section == kOnConflict) {
                yaml += "    on_conflict: {key: a, " + line + "}\n";
            } else if (field.section == kPipeline) {
                if (field.name == "bad_message") yaml.replace(yaml.find("queue: q"), 8, "queue: q.fifo");
                yaml += "    " + line + "\n";
            } else if (field.section == kS3) {
                const auto needs = field.name == "delete_object" ? "buckets: b-b, " : "";
                yaml += "    unwrap: s3-pointer\n    s3: {" + (needs + line) + "}\n";
            } else if (field.section == "keys") {
                yaml.replace(yaml.find("file: /k"), 8, "kms_file: /k, " + line);
            } else if (field.section == kBrake) {
                yaml += "    brake: {" + line + "}\n";
            } else if (field.section == kColumn) {
                yaml += "      b: {from: b, " + line + beside(field.name, value) + "}\n";
            } else {
                yaml += std::string(field.section) + ":\n  " + line + "\n";
            }
            auto loaded = load_text(yaml, "f.yaml", no_environment());
            EXPECT_EQ(text_of(loaded.mistakes), "") << yaml;
            if (field.name == "convert") {
                EXPECT_NE(loaded.settings.pipelines.at(0).routes.at(0).columns.back().convert, pipeline::Convert::None)
                    << value;
            }
        }
    }
}

}  // namespace
}  // namespace sqs2pg::config
