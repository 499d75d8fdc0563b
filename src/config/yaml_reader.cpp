// YAML's events to a tree, see yaml_reader.h.
#include "config/yaml_reader.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "config/utf8.h"

namespace sqs2pg::config {
namespace {

constexpr const char* kTooDeep = "nested too deeply: more than 32 levels";

// Ends the reading at once: going on would cost memory, or make no sense.
struct TooMuch {
    YAML::Mark mark;
    std::string sentence;
};

class TreeBuilder final : public YAML::EventHandler {
   public:
    TreeBuilder(std::shared_ptr<const std::string> file, Report& report) : file_(std::move(file)), report_(report) {}

    Node take_root() { return std::move(root_); }
    Place place(const YAML::Mark& mark) const {
        return {file_, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
    }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.place = place(mark);
        // An absent value is marked where the next thing stands; its key is where the user looks.
        if (!open_.empty() && open_.back().key && node.place.line != open_.back().key->place.line) {
            node.place = open_.back().key->place;
        }
        add(mark, std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        auto found = anchors_.find(anchor);
        if (found == anchors_.end()) throw TooMuch{mark, "an alias cannot stand inside of what it repeats"};
        count_ += size_of(found->second);
        if (open_.size() + depth_of(found->second) > kMostYamlDepth) throw TooMuch{mark, kTooDeep};
        add(mark, found->second, 0);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        Node node;
        node.kind = Node::Kind::Scalar;
        node.place = place(mark);
        node.text = value;
        node.quoted = tag == "!";  // yaml-cpp's word for it; plain ones are "?"
        add(mark, std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        start(mark, tag, anchor, Node::Kind::List);
    }
    void OnSequenceEnd() override { end(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        start(mark, tag, anchor, Node::Kind::Map);
    }
    void OnMapEnd() override { end(); }

   private:
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        YAML::Mark mark;
        std::optional<Node> key;           // of a map: read, its value still to come
        std::map<std::string, int> names;  // of a map: its keys, and the line of each
    };

    static std::size_t size_of(const Node& node) {
        std::size_t size = 1;
        for (const auto& item : node.items) size += size_of(item);
        for (const auto& member : node.members) size += 1 + size_of(member.value);
        return size;
    }

    static std::size_t depth_of(const Node& node) {
        std::size_t depth = 0;
        for (const auto& item : node.items) depth = std::max(depth, depth_of(item));
        for (const auto& member : node.members) depth = std::max(depth, depth_of(member.value));
        return node.kind == Node::Kind::Map || node.kind == Node::Kind::List ? depth + 1 : depth;
    }

    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (tag.empty() || tag == "?" || tag == "!") return;
        report_.mistake(place(mark), "a YAML tag (`!…`) means nothing here; leave it out");
    }

    void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
        refuse_tag(mark, tag);
        if (open_.size() >= kMostYamlDepth) throw TooMuch{mark, kTooDeep};
        Open open;
        open.node.kind = kind;
        open.node.place = place(mark);
        open.anchor = anchor;
        open.mark = mark;
        open_.push_back(std::move(open));
    }

    void end() {
        auto done = std::move(open_.back());
        open_.pop_back();
        add(done.mark, std::move(done.node), done.anchor);
    }

    void add(const YAML::Mark& mark, Node node, YAML::anchor_t anchor) {
        if (++count_ > kMostYamlNodes) throw TooMuch{mark, "too large: more than 20,000 values"};
        if (anchor != 0) anchors_[anchor] = node;
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& parent = open_.back();
        if (parent.node.kind == Node::Kind::List) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = std::move(node);
        } else {
            add_member(parent, std::move(node));
        }
    }

    void add_member(Open& parent, Node value) {
        Node key = std::move(*parent.key);
        parent.key.reset();
        if (key.kind != Node::Kind::Scalar) {
            report_.mistake(key.place, "a key is a name, not a list, a map or nothing");
            return;
        }
        if (key.text == "<<") {
            report_.mistake(key.place,
                            "merge keys (`<<`) are not supported; write the lines out, or repeat a whole "
                            "value with an anchor (`&name`) and an alias (`*name`)");
            return;
        }
        auto [first, fresh] = parent.names.emplace(key.text, key.place.line);
        if (!fresh) {
            report_.mistake(key.place, fmt::format("{} stands twice, first in line {}; leave one", backquoted(key.text),
                                                   first->second));
            return;
        }
        parent.node.members.push_back({std::move(key), std::move(value)});
    }

    std::shared_ptr<const std::string> file_;
    Report& report_;
    Node root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Node> anchors_;
    std::size_t count_ = 0;
};

// yaml-cpp's words without what it may quote behind a colon, and a hint where the cause is nearly always the same.
std::string syntax_sentence(const std::string& words) {
    auto sentence = "not valid YAML: " + words.substr(0, words.find(':'));
    if (words.find("flow") != words.npos) sentence += " (inside { } a text that holds [ ] { } or a comma needs quotes)";
    return sentence;
}

// Bytes that yaml-cpp would take for the end of the text or replace silently.
bool refuse_odd_bytes(std::string_view text, const std::shared_ptr<const std::string>& file, Report& report) {
    auto odd = first_odd_byte(text);
    if (!odd) return false;
    auto before = text.substr(0, *odd);
    auto line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    auto start = before.rfind('\n');
    auto column = static_cast<int>(start == before.npos ? before.size() : before.size() - start - 1) + 1;
    report.mistake({file, line, column}, "not a text file: there is a control character or a byte that is not UTF-8");
    return true;
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, const std::string& file, Report& report) {
    auto name = std::make_shared<const std::string>(file);
    if (text.size() > kMostYamlBytes) {
        report.mistake({name, 0, 0}, "larger than 1 MiB; this is not a configuration");
        return std::nullopt;
    }
    if (refuse_odd_bytes(text, name, report)) return std::nullopt;
    TreeBuilder builder(name, report);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        Node root = builder.take_root();
        if (!root.place.file) root.place = {name, 1, 1};
        TreeBuilder second(name, report);
        if (parser.HandleNextDocument(second)) {
            report.mistake(second.take_root().place, "a second YAML document; one file holds one");
        }
        return root;
    } catch (const TooMuch& limit) {
        report.mistake(builder.place(limit.mark), limit.sentence);
    } catch (const YAML::Exception& error) {
        report.mistake(builder.place(error.mark), syntax_sentence(error.msg));
    }
    return std::nullopt;
}

}  // namespace sqs2pg::config
