// What one masked value and one sealed message cost on one core: ns an operation.
#include <string>

#include <benchmark/benchmark.h>

#include "privacy/mask.h"
#include "privacy/seal.h"

namespace {

using namespace sqs2pg::privacy;

void mask(benchmark::State& state, Method method, Canonical form, std::string_view value) {
    auto ring = Keyring::generate();
    auto masker = Masker::make(MaskOptions{method, is_keyed(method) ? "domain" : "", form, 4}, ring).value();
    std::string out;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(masker.mask(value, out));
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations());
}

void hmac_of_a_device_id(benchmark::State& state) { mask(state, Method::Hmac, Canonical::Text, "593-47-5928"); }
void hmac_of_an_ipv4(benchmark::State& state) { mask(state, Method::Hmac, Canonical::Ip, "199.172.111.135"); }
void hmac_of_an_ipv6(benchmark::State& state) { mask(state, Method::Hmac, Canonical::Ip, "2001:db8::8a2e:370:7334"); }
void sha256_of_a_device_id(benchmark::State& state) { mask(state, Method::Sha256, Canonical::Text, "593-47-5928"); }
void siv_of_a_device_id(benchmark::State& state) { mask(state, Method::Siv, Canonical::Text, "593-47-5928"); }
void siv_of_an_ipv4(benchmark::State& state) { mask(state, Method::Siv, Canonical::Ip, "199.172.111.135"); }
void ip_prefix_of_an_ipv4(benchmark::State& state) { mask(state, Method::IpPrefix, Canonical::Ip, "199.172.111.135"); }
void ip_prefix_of_an_ipv6(benchmark::State& state) {
    mask(state, Method::IpPrefix, Canonical::Ip, "2001:db8::8a2e:370:7334");
}
void truncate_of_an_ipv4(benchmark::State& state) { mask(state, Method::Truncate, Canonical::Ip, "199.172.111.135"); }
void keep_last_of_a_device_id(benchmark::State& state) {
    mask(state, Method::KeepLast, Canonical::Text, "593-47-5928");
}

void seal_a_message(benchmark::State& state) {
    Sealer sealer(Keyring::generate());
    std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        auto sealed = sealer.seal("logins", "0123456789abcdef", text);
        benchmark::DoNotOptimize(sealed.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(hmac_of_a_device_id);
BENCHMARK(hmac_of_an_ipv4);
BENCHMARK(hmac_of_an_ipv6);
BENCHMARK(sha256_of_a_device_id);
BENCHMARK(siv_of_a_device_id);
BENCHMARK(siv_of_an_ipv4);
BENCHMARK(ip_prefix_of_an_ipv4);
BENCHMARK(ip_prefix_of_an_ipv6);
BENCHMARK(truncate_of_an_ipv4);
BENCHMARK(keep_last_of_a_device_id);
BENCHMARK(seal_a_message)->Arg(300)->Arg(1 << 20);

}  // namespace

BENCHMARK_MAIN();
