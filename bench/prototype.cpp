// The bare prototype that the transform is held against: a login decoded with simdjson on demand, its fields picked by
// name in any order, two of them turned into tokens by HMAC-SHA-256 with kept states, the row encoded as COPY text.
// None of the product's code is measured, and none of what the product adds is done: no check of types and lengths, no
// text for what is wrong, no duplicate keys, addresses not made canonical. Counterpart: transform_with_two_hmacs of
// bench/micro_transform, on the same messages.
#define OPENSSL_SUPPRESS_DEPRECATED  // the low-level SHA-256 is the cheapest, and this is about the least there is
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <openssl/sha.h>
#include <simdjson.h>
#include <CLI/CLI.hpp>

#include "login_rows.h"

namespace {

constexpr std::size_t kDistinct = 1000;
constexpr std::size_t kTokenBytes = 16;

class Hmac {
   public:
    explicit Hmac(std::string_view key) : inner_(state(key, 0x36)), outer_(state(key, 0x5c)) {}

    void append_token(std::string_view value, std::string& out) const {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
        auto work = inner_;
        SHA256_Update(&work, value.data(), value.size());
        SHA256_Final(digest.data(), &work);
        work = outer_;
        SHA256_Update(&work, digest.data(), digest.size());
        SHA256_Final(digest.data(), &work);
        char text[2 * kTokenBytes];
        for (std::size_t i = 0; i < kTokenBytes; ++i) {
            text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
            text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
        }
        out.append("k1_").append(text, sizeof text);
    }

   private:
    static SHA256_CTX state(std::string_view key, unsigned char pad) {
        std::array<unsigned char, 64> block;
        block.fill(pad);
        for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
        SHA256_CTX made;
        SHA256_Init(&made);
        SHA256_Update(&made, block.data(), block.size());
        return made;
    }

    SHA256_CTX inner_, outer_;
};

// COPY text: a tab, a line end and a backslash are escaped.
void append_escaped(std::string_view text, std::string& out) {
    for (char c : text) {
        if (c == '\t' || c == '\n' || c == '\r' || c == '\\') {
            out += '\\';
            out += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : '\\';
        } else {
            out += c;
        }
    }
}

struct Login {
    std::string_view user_id, device_type, ip, device_id, locale, app_version;
};

bool decode(simdjson::ondemand::parser& parser, const simdjson::padded_string& body, Login& login) {
    static constexpr std::array<std::pair<std::string_view, std::string_view Login::*>, 6> kFields = {{
        {"user_id", &Login::user_id},
        {"app_version", &Login::app_version},
        {"device_type", &Login::device_type},
        {"ip", &Login::ip},
        {"locale", &Login::locale},
        {"device_id", &Login::device_id},
    }};
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(body).get(document) || document.get_object().get(object)) return false;
    for (auto field : object) {
        std::string_view key;
        if (field.unescaped_key().get(key)) return false;
        for (const auto& [name, member] : kFields) {
            if (name != key) continue;
            auto value = field.value();
            bool null = false;
            if (value.is_null().get(null)) return false;
            if (!null && value.get_string().get(login.*member)) return false;
            break;
        }
    }
    return true;
}

void encode(const Login& login, const Hmac& ips, const Hmac& devices, std::string& out) {
    append_escaped(login.user_id, out);
    out += '\t';
    append_escaped(login.device_type, out);
    out += '\t';
    ips.append_token(login.ip, out);
    out += '\t';
    devices.append_token(login.device_id, out);
    out += '\t';
    if (login.locale.data() == nullptr) {
        out += "\\N";
    } else {
        append_escaped(login.locale, out);
    }
    out += '\t';
    out += login.app_version.substr(0, login.app_version.find('.'));
    out += "\t2023-11-14\n";
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t messages = 1'000'000;
    CLI::App app("Decode, map, two HMACs and encode of a login, without the product");
    app.add_option("--messages", messages)->check(CLI::Range(1, 1'000'000'000))->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    std::vector<simdjson::padded_string> bodies;
    for (const auto& body : sqs2pg::bench::login_bodies(kDistinct)) bodies.emplace_back(body);
    const Hmac ips("0123456789abcdef0123456789abcdef");
    const Hmac devices("fedcba9876543210fedcba9876543210");
    simdjson::ondemand::parser parser;
    std::string row;
    std::size_t bytes = 0;
    const auto before = sqs2pg::bench::cpu_seconds();
    for (std::size_t i = 0; i < messages; ++i) {
        Login login;
        if (!decode(parser, bodies[i % kDistinct], login)) {
            fmt::print(stderr, "prototype: a generated login cannot be decoded\n");
            return 1;
        }
        row.clear();
        encode(login, ips, devices, row);
        bytes += row.size();
    }
    const auto took = sqs2pg::bench::cpu_seconds() - before;
    fmt::print("{{\"ns_a_message\":{:.1f},\"messages\":{},\"bytes_a_row\":{}}}\n",
               took * 1e9 / static_cast<double>(messages), messages, bytes / messages);
    return 0;
}
