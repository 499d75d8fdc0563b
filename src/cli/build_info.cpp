// See build_info.h. The only file that is compiled anew when the commit changes.
#include "cli/build_info.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <boost/version.hpp>

#include "cli/commit.h"
#include "cli/json_object.h"
#include "pg/library.h"

namespace sqs2pg::cli {

namespace {

std::string compiler() {
#if defined(__clang__)
    return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::vector<Library> libraries() {
    const auto boost =
        fmt::format("{}.{}.{}", BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
    const auto formatter = fmt::format("{}.{}.{}", FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
    return {
        {"Boost", boost, ""},
        {"OpenSSL", OPENSSL_VERSION_STR, OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"libpq", "", pg::library_version()},
        {"fmt", formatter, ""},
    };
}

const char* yes_or_no(bool value) { return value ? "yes" : "no"; }

}  // namespace

const BuildInfo& build_info() {
    static const BuildInfo info{SQS2PG_VERSION,  SQS2PG_COMMIT, SQS2PG_COMMIT_DIRTY != 0, compiler(), SQS2PG_BUILD_TYPE,
                                SQS2PG_SANITIZE, SQS2PG_ARCH,   SQS2PG_LTO != 0,          libraries()};
    return info;
}

std::string version_line(const BuildInfo& info) {
    if (info.commit.empty()) return fmt::format("sqs2pg {} (commit unknown)", info.version);
    return fmt::format("sqs2pg {} ({}{})", info.version, info.commit.substr(0, 12), info.dirty ? ", changed" : "");
}

std::string version_text(const BuildInfo& info) {
    auto text = version_line(info) + "\n";
    auto line = [&](std::string_view name, std::string_view value) {
        text += fmt::format("  {:<12}{}\n", name, value);
    };
    line("commit", info.commit.empty() ? "unknown: built without a repository" : info.commit);
    line("compiler", info.compiler);
    line("build", fmt::format("{}{}", info.build_type.empty() ? "no type" : info.build_type,
                              info.arch.empty() ? "" : ", for " + info.arch));
    line("sanitizers", info.sanitizers.empty() ? "none" : info.sanitizers);
    line("LTO", yes_or_no(info.lto));
    for (const auto& library : info.libraries) {
        const bool other = !library.running.empty() && library.running != library.compiled;
        const auto running = library.compiled.empty() ? library.running : ", running with " + library.running;
        line(library.name, library.compiled + (other ? running : ""));
    }
    return text;
}

std::string version_json(const BuildInfo& info) {
    std::vector<std::string> libraries;
    for (const auto& library : info.libraries) {
        JsonObject one;
        one.text("name", library.name)
            .text_or_null("compiled", library.compiled)
            .text_or_null("running", library.running);
        libraries.push_back(one.done());
    }
    JsonObject object;
    object.text("version", info.version)
        .text_or_null("commit", info.commit)
        .flag("dirty", info.dirty)
        .text("compiler", info.compiler)
        .text("build_type", info.build_type)
        .text_or_null("sanitizers", info.sanitizers)
        .text_or_null("arch", info.arch)
        .flag("lto", info.lto)
        .array("libraries", libraries);
    return object.done() + "\n";
}

}  // namespace sqs2pg::cli
