// From files to Settings, see load.h: read, substitute, hold against the table, join the files, ask what concerns them
// all.
#include "config/load.h"

#include <map>

#include <fmt/core.h>

#include "config/files.h"
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

class Loading {
   public:
    explicit Loading(const Environment& environment) : environment_(environment) {}

    void unreadable(const std::string& path, const std::string& why) {
        complete_ = false;
        report_.mistake({std::make_shared<const std::string>(path), 0, 0}, "the configuration " + why);
    }

    void read(const NamedText& file) {
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
        substitute(*root, environment_, report_);
        Section top(*root, kTop, "the configuration", root->place, report_);
        if (root->kind != Node::Kind::Map) complete_ = false;
        for (auto name : names_in(kTop)) {
            if (top.written(name)) read_section(name, top, file.world_readable);
        }
    }

    Loaded finish() {
        if (complete_ && !seen_.contains("pipelines")) {
            report_.mistake(*first_,
                            "`pipelines` is absent; write a name under it, and there `queue`, `table` and `columns`");
        }
        if (complete_ && !seen_.contains("keys")) missing_keys();
        settings_.pipelines = pipelines_.take();
        return {std::move(settings_), report_.mistakes(), report_.warnings()};
    }

   private:
    void read_section(std::string_view name, const Section& top, bool world_readable) {
        auto place = top.place_of(name);
        auto [first, fresh] = seen_.emplace(std::string(name), place);
        if (name != "pipelines" && !fresh) {
            report_.mistake(place, fmt::format("`{}` stands in {} already; of all files, one holds it", name,
                                               first->second.text()));
            return;
        }
        const Node* node = top.find(name);
        if (node == nullptr) return;
        if (name == "pipelines") {
            pipelines_.read(*node);
        } else {
            read_process_section(name, *node, world_readable, environment_, settings_, report_);
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
    Report report_;
    PipelineReader pipelines_{report_};
    Settings settings_;
    std::optional<Place> first_;
    std::map<std::string, Place, std::less<>> seen_;
    bool complete_ = true;  // every file could be read: only then is it known what is absent
};

}  // namespace

Loaded load(const std::string& path, const Environment& environment) {
    Loading loading(environment);
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

Loaded load_text(const std::string& yaml, const std::string& name, const Environment& environment) {
    Loading loading(environment);
    loading.read({name, yaml, false});
    return loading.finish();
}

}  // namespace sqs2pg::config
