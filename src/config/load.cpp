// From files to Settings, see load.h: read, substitute, hold against the table, join the files, ask what concerns them
// all.
#include "config/load.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include <fmt/core.h>

#include "config/defaults.h"
#include "config/files.h"
#include "config/mapping_only.h"
#include "config/pipelines.h"
#include "config/process_sections.h"
#include "config/section.h"
#include "config/substitution.h"

namespace sqs2pg::config {
namespace {

struct NamedText {
    std::string name;
    std::string text;
    bool world_readable = false;
};

// One file that was read; everything of it lives until the settings are made.
struct Document {
    Node root;
    bool world_readable = false;
    std::unique_ptr<Section> top;
    Defaults own{};

    bool holds_pipelines() const { return top->written("pipelines"); }
};

class Loading {
   public:
    // `mapping_only`: nothing of the connections is looked at.
    explicit Loading(const Environment& environment, bool mapping_only = false)
        : environment_(environment), mapping_only_(mapping_only) {}

    void unreadable(const std::string& path, const std::string& why) {
        complete_ = false;
        report_.mistake({std::make_shared<const std::string>(path), 0, 0}, "the configuration " + why);
    }

    void read(const NamedText& file) {
        report_.opens(file.name);
        auto root = read_yaml(file.text, file.name, report_);
        if (!first_) first_ = Place{std::make_shared<const std::string>(file.name), 1, 1};
        if (!root) {
            complete_ = false;
            return;
        }
        if (root->kind == Node::Kind::Null) {
            complete_ = false;
            report_.mistake(root->place, "the configuration is empty; it needs at least `keys` and `pipelines`");
            return;
        }
        if (mapping_only_) drop_connections(*root);
        substitute(*root, environment_, report_);
        if (root->kind != Node::Kind::Map) complete_ = false;
        auto& document = documents_.emplace_back(Document{std::move(*root), file.world_readable, nullptr});
        document.top =
            std::make_unique<Section>(document.root, kTop, "the configuration", document.root.place, report_);
    }

    // A pipeline may stand before its defaults: those of all files come first.
    Loaded finish() {
        for (const auto& document : documents_) read_top(document);
        for (auto& document : documents_) {
            if (!document.holds_pipelines()) read_defaults(document, shared_);
        }
        for (auto& document : documents_) {
            if (document.holds_pipelines()) read_defaults(document, document.own);
        }
        for (const auto& document : documents_) {
            const Node* node = document.top->find("pipelines");
            if (node != nullptr) pipelines_.read(*node, {document.own, shared_}, from(document));
            pipelines_written_ = pipelines_written_ || document.holds_pipelines();
        }
        if (complete_ && !pipelines_written_) {
            report_.mistake(*first_,
                            "`pipelines` is absent; write a name under it, and there `queue`, `table` and `columns`");
        }
        if (complete_ && !mapping_only_) look_for_keys();
        settings_.pipelines = pipelines_.take();
        return {std::move(settings_), report_.mistakes(), report_.warnings()};
    }

   private:
    ReadingFrom from(const Document& document) { return {report_, environment_, document.world_readable}; }

    // All but `pipelines` and `defaults`: of all files, one holds each.
    void read_top(const Document& document) {
        for (auto name : names_in(kTop)) {
            if (name == "pipelines" || name == "defaults" || !document.top->written(name)) continue;
            if (!claim(name, document.top->place_of(name))) continue;
            const Node* node = document.top->find(name);
            if (std::ranges::find(kConnections, name) != kConnections.end()) {
                read_connection(name, *document.top, fmt::format("`{}`", name), from(document), shared_.connections);
                keys_written_ = keys_written_ || name == "keys";
            } else if (node != nullptr) {
                settings_.fingerprint = mixed(settings_.fingerprint, fingerprint_of(*node));
                if (name == "max_connections") {
                    settings_.max_connections = static_cast<int>(document.top->number(name));
                } else {
                    read_process_section(name, *node, settings_, report_);
                }
            }
        }
    }

    bool claim(std::string_view name, const Place& place) {
        auto [first, fresh] = seen_.emplace(std::string(name), place);
        if (fresh) return true;
        report_.mistake(
            place, fmt::format("`{}` stands in {} already; of all files, one holds it", name, first->second.text()));
        return false;
    }

    void read_defaults(Document& document, Defaults& into) {
        const auto& top = *document.top;
        if (!top.written("defaults")) return;
        const bool shared = &into == &shared_;
        auto place = top.place_of("defaults");
        if (shared && into.section) {
            report_.mistake(place, fmt::format("`defaults` stand in {} already; of the files without `pipelines`, one "
                                               "holds them for all files",
                                               into.section->place().text()));
            return;
        }
        const Node* node = top.find("defaults");
        if (node == nullptr) return;
        into.section = std::make_unique<Section>(*node, kDefaults, "`defaults`", place, report_,
                                                 shared ? nullptr : shared_.section.get());
        for (auto name : kConnections) {
            if (!into.section->written(name)) continue;
            keys_written_ = keys_written_ || name == "keys";
            auto at_top = seen_.find(name);
            if (at_top != seen_.end() && (shared || top.written(name))) {
                report_.mistake(into.section->place_of(name),
                                fmt::format("`{}` stands in {} already, for the same pipelines; leave one of the two",
                                            name, at_top->second.text()));
                continue;
            }
            read_connection(name, *into.section, fmt::format("`{}`", name), from(document), into.connections);
        }
    }

    void look_for_keys() {
        const auto& without = pipelines_.without_keys();
        if (!keys_written_ && !pipelines_.any_keys()) return missing_keys();
        for (const auto& [name, place] : without) {
            report_.mistake(place, fmt::format("the pipeline {} has no `keys`; write them there or in `defaults`",
                                               backquoted(name)));
        }
    }

    void missing_keys() {
        std::string why = "dead letters are sealed with them, whether a column is masked or not";
        if (const auto& masked = pipelines_.first_keyed()) {
            why = fmt::format("the mask at {} and the sealing of dead letters need them", masked->text());
        }
        report_.mistake(*first_,
                        fmt::format("`keys` is absent: {}; make a key file with `sqs2pg key new -o FILE` and write "
                                    "`keys: {{file: FILE}}`",
                                    why));
    }

    const Environment& environment_;
    bool mapping_only_;
    Report report_;
    std::deque<Document> documents_;
    Defaults shared_;
    PipelineReader pipelines_{report_};
    Settings settings_;
    std::optional<Place> first_;
    std::map<std::string, Place, std::less<>> seen_;
    bool complete_ = true;  // every file could be read: only then is it known what is absent
    bool pipelines_written_ = false;
    bool keys_written_ = false;  // outside of the pipelines
};

Loaded load_files(const std::string& path, Loading& loading) {
    auto files = configuration_files(path);
    if (!files) {
        loading.unreadable(path, files.error().detail);
        return loading.finish();
    }
    for (const auto& name : *files) {
        auto file = read_small_file(name, kMostYamlBytes);
        if (file) {
            loading.read({name, std::move(file->text), file->world_readable});
        } else {
            loading.unreadable(name, file.error().detail);
        }
    }
    return loading.finish();
}

}  // namespace

Loaded load(const std::string& path, const Environment& environment) {
    Loading loading(environment);
    return load_files(path, loading);
}

Loaded load_mapping(const std::string& path, const Environment& environment) {
    const Environment forgiving = [&environment](const std::string& name) -> std::optional<std::string> {
        return environment(name).value_or("unset");
    };
    Loading loading(forgiving, true);
    return load_files(path, loading);
}

Loaded load_text(const std::string& yaml, const std::string& name, const Environment& environment) {
    Loading loading(environment);
    loading.read({name, yaml, false});
    return loading.finish();
}

}  // namespace sqs2pg::config
