// Logins for the benchmarks, see login_rows.h.
#include "login_rows.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/resource.h>

#include "cli/login_generator.h"

namespace sqs2pg::bench {
namespace {

constexpr std::string_view kKeyFile = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr std::int64_t kMessagesAMillisecond = 100;
constexpr std::int64_t kSentMs = 1'700'000'000'123;

struct Column {
    const char* name;
    const char* from;
    pg::TypeClass type;
    std::int32_t length;
    const char* domain;
};

constexpr Column kColumns[] = {
    {"user_id", "user_id", pg::TypeClass::Varchar, 128, nullptr},
    {"device_type", "device_type", pg::TypeClass::Varchar, 32, nullptr},
    {"masked_ip", "ip", pg::TypeClass::Varchar, 256, "ip"},
    {"masked_device_id", "device_id", pg::TypeClass::Varchar, 256, "device"},
    {"locale", "locale", pg::TypeClass::Varchar, 32, nullptr},
    {"app_version", "app_version", pg::TypeClass::Int4, 0, nullptr},
    {"create_date", "$sent_at", pg::TypeClass::Date, 0, nullptr},
};

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

pipeline::MapStage login_stage(bool masked) {
    pipeline::PipelineOptions options;
    options.routes.emplace_back().table.table = "user_logins";
    pg::TableShape table;
    table.name = {"public", "user_logins"};
    for (const auto& planned : kColumns) {
        pipeline::ColumnRule rule;
        rule.column = planned.name;
        rule.from = pipeline::parse_source(planned.from).value();
        if (rule.column == "app_version") rule.convert = pipeline::Convert::MajorVersion;
        if (planned.domain != nullptr && masked) {
            auto form = std::string_view(planned.domain) == "ip" ? privacy::Canonical::Ip : privacy::Canonical::Text;
            rule.mask = privacy::MaskOptions{privacy::Method::Hmac, planned.domain, form};
        }
        options.routes[0].columns.push_back(rule);
        pg::Column column;
        column.name = planned.name;
        column.type = planned.type;
        column.max_length = planned.length;
        table.columns.push_back(column);
    }
    auto keyring = privacy::Keyring::parse(kKeyFile, "keys").value();
    return pipeline::MapStage::make(options, {&table, 1}, keyring).value();
}

std::vector<std::string> login_bodies(std::size_t count) {
    cli::LoginGenerator generator({});
    std::vector<std::string> bodies(count);
    for (auto& body : bodies) body = generator.next();
    return bodies;
}

std::vector<pipeline::MaskedRow> login_rows(std::size_t count) {
    auto stage = login_stage();
    std::vector<pipeline::MaskedRow> rows;
    rows.reserve(count);
    for (auto& body : login_bodies(count)) {
        pipeline::Received message;
        message.body = std::move(body);
        message.sent_ms = kSentMs;
        auto row = stage.transform(message);
        if (!row || !*row) throw std::runtime_error("a generated login is no row");
        rows.push_back(std::move(**row));
    }
    return rows;
}

std::vector<pipeline::LedgerKey> ledger_keys(std::size_t count, std::int64_t now_ms) {
    std::vector<pipeline::LedgerKey> keys;
    keys.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto ago_ms = static_cast<std::int64_t>(count - i) / kMessagesAMillisecond;
        // Another queue each run, so that a second run on one database meets no duplicates.
        keys.push_back(pipeline::ledger_key(fmt::format("000000000000/bench-{}", now_ms), fmt::format("message-{}", i),
                                            now_ms - ago_ms));
    }
    std::ranges::sort(keys);
    return keys;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

}  // namespace sqs2pg::bench
