// The key file's text to keys, and keys to subkeys, see keyring.h. The file itself is read in keyring_file.cpp.
#include "privacy/keyring.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "base/base64.h"
#include "privacy/primitives.h"

namespace sqs2pg::privacy {
namespace {

constexpr std::size_t kMostTextBytes = 64 * 1024;
constexpr std::size_t kMostKeys = 64;
constexpr std::size_t kKeyCharacters = 44;  // base64 of 32 bytes, padding included
constexpr std::size_t kMostIdCharacters = 16;
constexpr std::string_view kCheckInfo = "sqs2pg/v1/key-check";
constexpr std::size_t kCheckBytes = 16;

std::string at(const std::string& place, const YAML::Mark& mark) {
    return fmt::format("{}:{}:{}", place, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1);
}

// An id stands in every token in front of '_', so it holds none itself.
bool valid_id(std::string_view id) {
    auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    if (id.empty() || id.size() > kMostIdCharacters || !is_letter(id.front())) return false;
    return std::all_of(id.begin(), id.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

// Exactly the canonical base64 of 32 bytes, nothing else (OpenSSL alone would forgive blanks and stray low bits).
std::optional<Secret> decode_key(const std::string& text) {
    if (text.size() != kKeyCharacters || text.back() != '=') return std::nullopt;
    std::string bytes(kRootKeyBytes + 1, '\0');
    int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                               reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    std::optional<Secret> key;
    if (size == static_cast<int>(kRootKeyBytes + 1)) {
        bytes.resize(kRootKeyBytes);
        Secret again(encode_base64(bytes));
        if (again.reveal() == text) key.emplace(bytes);  // copied: `bytes` itself is wiped below
    }
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return key;
}

// What is written over a text in yaml-cpp's own memory, once it has been decoded.
void wipe_scalar(const YAML::Node& node) {
    if (!node.IsScalar()) return;
    const std::string& text = node.Scalar();
    OPENSSL_cleanse(const_cast<char*>(text.data()), text.size());
}

// Finds where a second document begins. (YAML::LoadAll would never end on some malformed texts: each "document" after
// the first takes nothing off them.)
class SecondDocument final : public YAML::EventHandler {
   public:
    void find(const std::string& text) {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        parser.HandleNextDocument(*this);
        started_ = true;
        parser.HandleNextDocument(*this);
    }
    std::optional<YAML::Mark> place;

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (started_) place = mark;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

   private:
    bool started_ = false;
};

// Collects what is wrong; a key's text is never part of it.
class Reading {
   public:
    explicit Reading(std::string place) : place_(std::move(place)) {}

    void mistake(const YAML::Node& node, std::string sentence) { mistake(node.Mark(), std::move(sentence)); }
    void mistake(const YAML::Mark& mark, std::string sentence) {
        mistakes_.push_back(fmt::format("{}: {}", at(place_, mark), sentence));
    }
    bool good() const { return mistakes_.empty(); }
    std::string all() const {
        std::string text;
        for (const auto& one : mistakes_) {
            if (!text.empty()) text += '\n';
            text += one;
        }
        return text;
    }

    void read(const YAML::Node& document) {
        if (!document.IsMap()) {
            return mistake(document, "a key file is a map of `active` and `keys`; `sqs2pg key new` makes one");
        }
        YAML::Node active;
        YAML::Node keys;
        for (const auto& member : document) {
            auto name = member.first.IsScalar() ? member.first.Scalar() : std::string();
            if (name != "active" && name != "keys") {
                // The name is not repeated: a slip of the hand may have put a key in its place.
                mistake(member.first, "unknown key; a key file holds `active` and `keys`, nothing else");
            } else if ((name == "active" ? active : keys).IsDefined() && !(name == "active" ? active : keys).IsNull()) {
                mistake(member.first, fmt::format("`{}` stands twice; leave one", name));
            } else {
                (name == "active" ? active : keys).reset(member.second);
            }
        }
        read_keys(document, keys);
        read_active(document, active);
    }

    std::map<std::string, Secret> roots;
    std::string active_id;

   private:
    void read_keys(const YAML::Node& document, const YAML::Node& keys) {
        if (keys.IsNull()) return mistake(document, "`keys` is absent; write `keys:` with a line `k1: BASE64`");
        if (!keys.IsMap()) return mistake(keys, "`keys` is a map of key ids, such as k1, to their keys in base64");
        for (const auto& member : keys) {
            if (roots.size() >= kMostKeys) return mistake(member.first, "a key file holds at most 64 keys");
            read_key(member.first, member.second);
        }
    }

    void read_key(const YAML::Node& id_node, const YAML::Node& key_node) {
        if (!id_node.IsScalar() || !valid_id(id_node.Scalar())) {
            mistake(id_node,
                    "a key id is a lowercase letter, then lowercase letters, digits and `-`, 16 at most, such as k1");
            return wipe_scalar(key_node);
        }
        const auto& id = id_node.Scalar();
        if (roots.contains(id)) {
            mistake(id_node, fmt::format("the key id `{}` stands twice; give the second another id", id));
            return wipe_scalar(key_node);
        }
        auto key = key_node.IsScalar() ? decode_key(key_node.Scalar()) : std::nullopt;
        wipe_scalar(key_node);
        if (!key) {
            return mistake(key_node,
                           fmt::format("the key `{}` is not 32 bytes in base64 (44 characters, the last is `=`); "
                                       "`sqs2pg key new` makes one",
                                       id));
        }
        auto bytes = key->reveal();
        if (std::all_of(bytes.begin(), bytes.end(), [&](char byte) { return byte == bytes.front(); })) {
            return mistake(key_node, fmt::format("the key `{}` is a placeholder (every byte is the same); "
                                                 "`sqs2pg key new` makes a random one",
                                                 id));
        }
        for (const auto& [other, root] : roots) {
            if (root.reveal() != bytes) continue;
            return mistake(key_node,
                           fmt::format("the keys `{}` and `{}` are the same; each id has its own", other, id));
        }
        roots.emplace(id, std::move(*key));
    }

    void read_active(const YAML::Node& document, const YAML::Node& active) {
        if (active.IsNull())
            return mistake(document, "`active` is absent; write `active: k1` with the id of the key to use");
        if (!active.IsScalar() || !valid_id(active.Scalar())) {
            return mistake(active, "`active` is the id of one of the keys, such as k1");
        }
        active_id = active.Scalar();
        if (good() && !roots.contains(active_id)) {
            mistake(active, fmt::format("`active` names `{}`, and there is no such key under `keys`", active_id));
        }
    }

    std::string place_;
    std::vector<std::string> mistakes_;
};

}  // namespace

Result<Keyring> Keyring::parse(std::string_view yaml, std::string place) {
    auto refuse = [](std::string detail) {
        return fail(ErrorKind::Configuration, Stage::Configure, "key_file", std::move(detail));
    };
    if (yaml.size() > kMostTextBytes) return refuse(place + ": larger than 64 KiB; this is not a key file");
    // yaml-cpp takes some control characters for the end of the text, and would leave the rest unread.
    auto odd = std::find_if(yaml.begin(), yaml.end(), [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte >= 0x7f;
    });
    if (odd != yaml.end()) {
        auto line = 1 + std::count(yaml.begin(), odd, '\n');
        return refuse(fmt::format("{}:{}: a key file is plain ASCII text; `sqs2pg key new` makes one", place, line));
    }
    Reading reading(place);
    try {
        std::string text(yaml);
        SecondDocument second;
        second.find(text);
        auto document = YAML::Load(text);
        OPENSSL_cleanse(text.data(), text.size());
        if (document.IsNull()) return refuse(place + ": the key file is empty; `sqs2pg key new -o FILE` makes one");
        reading.read(document);
        if (second.place) reading.mistake(*second.place, "a key file is one YAML document");
    } catch (const YAML::Exception& error) {
        // The parser's own words may quote the text.
        reading.mistake(error.mark,
                        "this is not valid YAML; a key file is `active: k1`, then `keys:` with a line `  k1: BASE64`");
    }
    if (!reading.good()) return refuse(reading.all());
    Keyring ring;
    ring.roots_ = std::move(reading.roots);
    ring.active_id_ = std::move(reading.active_id);
    return ring;
}

Keyring Keyring::generate() {
    std::string key(kRootKeyBytes, '\0');
    fill_random({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
    Keyring ring;
    ring.active_id_ = "k1";
    ring.roots_.emplace("k1", std::move(key));
    return ring;
}

std::vector<std::string> Keyring::ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, root] : roots_) ids.push_back(id);
    return ids;
}

const Secret* Keyring::root(const std::string& id) const {
    auto found = roots_.find(id);
    return found == roots_.end() ? nullptr : &found->second;
}

Secret Keyring::derive(const std::string& id, std::string_view info, std::size_t length) const {
    const Secret* key = root(id);
    if (key == nullptr) primitive_failed("a subkey of a key id that does not exist");
    auto derived = hkdf_sha256(key->reveal(), {}, info, length);
    if (!derived) primitive_failed("a subkey longer than HKDF gives");
    return std::move(*derived);
}

std::string Keyring::check_value(const std::string& id) const {
    auto bytes = derive(id, kCheckInfo, kCheckBytes);
    auto text = bytes.reveal();
    return to_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Secret Keyring::to_yaml() const {
    std::string text;
    text.reserve(512 + roots_.size() * (kMostIdCharacters + kKeyCharacters + 8));  // growing would leave copies behind
    text += "# Keys of sqs2pg. Keep this file secret and keep a copy: without it no token can be made again and no\n";
    text += "# dead letter opened; whoever has it can test guesses against the tokens. Only sqs2pg needs to read it.\n";
    text += "active: " + active_id_ + "\nkeys:\n";
    for (const auto& [id, root] : roots_) {
        Secret encoded(encode_base64(root.reveal()));
        text += "  " + id + ": ";
        text += encoded.reveal();
        text += '\n';
    }
    return Secret(std::move(text));
}

}  // namespace sqs2pg::privacy
