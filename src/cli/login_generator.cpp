// The pools of users, devices and addresses, and the shapes of a login message.
#include "cli/login_generator.h"

#include <charconv>
#include <string_view>

namespace sqs2pg::cli {
namespace {

constexpr std::uint64_t kDevices = 50'000;
constexpr std::uint64_t kAddresses = 20'000;
constexpr std::array<std::string_view, 12> kLocales = {"RU", "US", "ID", "PH", "BR", "CN",
                                                       "FR", "PL", "PT", "SE", "JP", "DE"};
constexpr std::array<std::string_view, 10> kVersions = {"2.3.0", "2.3.1", "2.2.1", "1.9",    "0.96",
                                                        "3.0.0", "3.1.4", "0.4.6", "10.0.2", "7.87"};

// splitmix64 (Steele, Lea, Flood 2014): one number's worth of noise from any number.
constexpr std::uint64_t scatter(std::uint64_t value) noexcept {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

void append_number(std::string& out, std::uint64_t value, std::size_t width = 0) {
    char text[20];
    auto end = std::to_chars(text, text + sizeof text, value).ptr;
    auto length = static_cast<std::size_t>(end - text);
    if (length < width) out.append(width - length, '0');
    out.append(text, length);
}

void append_hex(std::string& out, std::uint64_t value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

void append_uuid(std::string& out, std::uint64_t from) {
    auto high = scatter(from);
    auto low = scatter(high);
    append_hex(out, high >> 32, 8);
    out += '-';
    append_hex(out, high >> 16 & 0xffff, 4);
    out += "-4";
    append_hex(out, high & 0xfff, 3);
    out += '-';
    append_hex(out, (low >> 48 & 0x3fff) | 0x8000, 4);
    out += '-';
    append_hex(out, low & 0xffffffffffffULL, 12);
}

// Never 0, 10 or 127 in front, nor multicast.
void append_ip(std::string& out, std::uint64_t from) {
    auto noise = scatter(from);
    auto first = 11 + noise % 213;
    append_number(out, first == 127 ? 128 : first);
    for (int shift = 8; shift <= 24; shift += 8) {
        out += '.';
        append_number(out, noise >> shift & 255);
    }
}

void append_device(std::string& out, std::uint64_t from) {
    auto noise = scatter(from);
    append_number(out, noise % 1000, 3);
    out += '-';
    append_number(out, noise / 1000 % 100, 2);
    out += '-';
    append_number(out, noise / 100'000 % 10'000, 4);
}

// The few at the front come often, the many behind them seldom: index i about as often as i to the power of -3/4.
std::uint64_t pick(double unit, std::uint64_t size) {
    return static_cast<std::uint64_t>(unit * unit * unit * unit * static_cast<double>(size));
}

}  // namespace

LoginGenerator::LoginGenerator(LoginOptions options) : options_(options), state_(scatter(options.seed)) {}

std::uint64_t LoginGenerator::draw() noexcept { return scatter(state_++); }

double LoginGenerator::unit() noexcept { return static_cast<double>(draw() >> 11) * 0x1.0p-53; }

std::string LoginGenerator::next() {
    std::string out;
    out.reserve(192);
    if (options_.malformed > 0 && unit() < options_.malformed) {
        append_flawed(out);
        return out;
    }
    ++well_formed_;
    // A device belongs to one user, and mostly calls from one address.
    auto device = options_.seed * 1'000'003 + pick(unit(), kDevices);
    auto noise = draw();
    auto address = noise % 10 < 6 ? device * 3 + 1 : (options_.seed + 1) * 7'000'003 + pick(unit(), kAddresses);
    out += R"({"user_id":")";
    append_uuid(out, device);
    out += R"(","app_version":")";
    out += kVersions[(noise >> 8) % kVersions.size()];
    out += scatter(device) % 3 == 0 ? R"(","device_type":"ios","ip":")" : R"(","device_type":"android","ip":")";
    append_ip(out, address);
    out += R"(","locale":)";
    if ((noise >> 16) % 10 < 3) {
        out += "null";
    } else {
        out += '"';
        out += kLocales[(noise >> 24) % kLocales.size()];
        out += '"';
    }
    out += R"(,"device_id":")";
    append_device(out, device * 5 + 2);
    out += "\"}";
    return out;
}

void LoginGenerator::append_flawed(std::string& out) {
    auto noise = draw();
    // In turn, so that even a few malformed messages show several kinds.
    auto flaw = static_cast<Flaw>(flaws_made_++ % kFlaws);
    ++flawed_[static_cast<std::size_t>(flaw)];
    if (flaw == Flaw::OtherType) {
        out += R"({"foo":"oops_wrong_msg_type","bar":")";
        append_number(out, noise >> 32 & 1023);
        out += "\"}";
        return;
    }
    out += R"({"user_id":")";
    append_uuid(out, noise);
    if (flaw == Flaw::NotJson) return;  // cut short, as by a sender that died
    out += flaw == Flaw::WrongVersion ? R"(","app_version":{"major":2},"device_type":"ios")"
                                      : R"(","app_version":"2.3.0","device_type":"ios")";
    if (flaw != Flaw::MissingField) {
        out += R"(,"ip":")";
        append_ip(out, noise + 1);
        out += '"';
    }
    out += R"(,"locale":)";
    out += flaw == Flaw::LongLocale  ? R"("the language of the user's grandmother")"
           : flaw == Flaw::NulEscape ? R"("R\u0000")"
                                     : R"("RU")";
    out += R"(,"device_id":")";
    append_device(out, noise + 2);
    out += "\"}";
}

}  // namespace sqs2pg::cli
