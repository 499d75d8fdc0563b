// Reading of connection strings through libpq itself, see conninfo.h.
#include "pg/conninfo.h"

#include <cstring>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace sqs2pg::pg {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

bool is_url(const std::string& text) { return text.starts_with("postgresql://") || text.starts_with("postgres://"); }

// A string without '=' is a database's name, as for psql.
bool is_conninfo(const std::string& text) { return is_url(text) || text.find('=') != std::string::npos; }

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (;;) {
        auto comma = list.find(',', start);
        parts.push_back(list.substr(start, comma == std::string::npos ? comma : comma - start));
        if (comma == std::string::npos) return parts;
        start = comma + 1;
    }
}

tl::unexpected<Error> unreadable() {
    return fail(ErrorKind::Configuration, Stage::Start, "conninfo",
                "the PostgreSQL connection string cannot be read: write postgresql://ROLE@HOST:PORT/DATABASE or "
                "key=value pairs as for psql, and percent-encode special characters in a URL");
}

// libpq alone knows how string, environment, service file and defaults combine, and tells it only of a connection
// object. An impossible gssencmode makes that object without opening a socket.
std::map<std::string, std::string> merged_options(const std::string& conninfo) {
    const char* keywords[] = {"dbname", "gssencmode", nullptr};
    const char* values[] = {conninfo.c_str(), "not-to-be-opened", nullptr};
    std::unique_ptr<PGconn, decltype(&PQfinish)> probe(PQconnectStartParams(keywords, values, 1), PQfinish);
    std::map<std::string, std::string> merged;
    if (probe == nullptr) return merged;
    Options options(PQconninfo(probe.get()), PQconninfoFree);
    for (auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        bool secret = std::strstr(option->keyword, "password") != nullptr;
        if (option->val != nullptr && !secret) merged[option->keyword] = option->val;
    }
    return merged;
}

// The sslmode to set for a password that demands TLS; empty: the one that string or environment name is TLS. libpq's
// default, "prefer", would go without TLS in silence: it becomes verify-full.
Result<std::string> demand_tls(std::map<std::string, std::string>& merged) {
    const auto& host = merged["host"];
    if (host.empty() || is_socket_folder(host)) {
        return fail(ErrorKind::Configuration, Stage::Start, "conninfo",
                    "the connection string names no host: this kind of password is for a server in the network");
    }
    const auto& mode = merged["sslmode"];
    if (mode == "disable" || mode == "allow") {
        return fail(ErrorKind::Configuration, Stage::Start, "tls",
                    fmt::format("sslmode={} would send a password of this kind without TLS: use verify-full", mode));
    }
    return mode == "prefer" ? std::string("verify-full") : std::string();
}

}  // namespace

bool is_socket_folder(const std::string& host) { return host.starts_with('/') || host.starts_with('@'); }

Result<ConnectPlan> plan_connection(const ConnectOptions& options) {
    if (is_conninfo(options.conninfo)) {
        char* message = nullptr;
        Options parsed(PQconninfoParse(options.conninfo.c_str(), &message), PQconninfoFree);
        PQfreemem(message);
        if (parsed == nullptr) return unreadable();
    }
    auto merged = merged_options(options.conninfo);
    if (merged["user"].empty()) return unreadable();  // nothing was merged: a service that does not exist, for one

    ConnectPlan plan;
    if (options.passwords != nullptr && options.passwords->demands_tls()) {
        auto demanded = demand_tls(merged);
        if (!demanded) return fail(std::move(demanded.error()));
        plan.sslmode = *demanded;
    }
    plan.user = merged["user"];
    plan.database = merged["dbname"].empty() ? plan.user : merged["dbname"];
    auto hosts = split(merged["host"]);
    auto ports = split(merged["port"].empty() ? "5432" : merged["port"]);
    if (ports.size() != 1 && ports.size() != hosts.size()) {
        return fail(
            ErrorKind::Configuration, Stage::Start, "conninfo",
            fmt::format("the PostgreSQL connection string names {} ports for {} hosts: give one port, or one a host",
                        ports.size(), hosts.size()));
    }
    bool whole = !merged["hostaddr"].empty();
    for (const auto& host : hosts) whole = whole || host.empty();
    if (whole) {
        plan.host = hosts.front();
        plan.attempts.push_back({"", "", ports.front()});
        return plan;
    }
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        auto port = ports[ports.size() == 1 ? 0 : i];
        plan.attempts.push_back({hosts[i], "", port.empty() ? "5432" : port});
    }
    auto wanted = merged["target_session_attrs"];
    plan.writable_only = hosts.size() > 1 && (wanted.empty() || wanted == "any");
    return plan;
}

std::string redacted(const std::string& conninfo) {
    if (!is_conninfo(conninfo)) return conninfo.empty() ? "(the PG* environment)" : "dbname=" + conninfo;
    Options parsed(PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree);
    if (parsed == nullptr) return "(unreadable connection string)";
    std::string text;
    for (auto* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr || std::strstr(option->keyword, "password") != nullptr) continue;
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", option->keyword, option->val);
    }
    return text;
}

}  // namespace sqs2pg::pg
