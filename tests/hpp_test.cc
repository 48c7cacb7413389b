// hpp_test.cc: each wrapper of effnet.hpp, against the C functions or what they
// promise.  Takes a folder that it may write to.
#include "effnet.hpp"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <thread>

namespace
{

int failures;

void
expect(bool good, const char *what)
{
        std::printf("%sok - %s\n", good ? "" : "not ", what);
        failures += !good;
}

// Whether it throws an effnet::error of that status and message.
template <typename Call>
bool
fails(Call call, effnet_status status, const char *message)
{
        try {
                call();
        } catch (const effnet::error &failure) {
                return failure.status() == status &&
                       std::strstr(failure.what(), message) != nullptr;
        }
        return false;
}

struct mine {
};

template <typename Call>
bool
throws_mine(Call call)
{
        try {
                call();
        } catch (const mine &) {
                return true;
        }
        return false;
}

constexpr int side = 40, classes = 10;

effnet::model
new_model(effnet::detail::some_options options = nullptr)
{
        effnet::config config("test_efficientnet");

        config.set(EFFNET_CONFIG_CLASSES, classes)
                .set(EFFNET_CONFIG_EPSILON, 1e-3);
        return effnet::model(config, 5, options);
}

const std::vector<uint8_t> &
pixels()
{
        static std::vector<uint8_t> bytes(60 * 50 * 3);

        for (std::size_t i = 0; i < bytes.size(); i++)
                bytes[i] = static_cast<uint8_t>(i * i >> 5);
        return bytes;
}

effnet::image
new_image()
{
        return effnet::image(EFFNET_PIXEL_RGB, 60, 50, pixels().data(), 180);
}

effnet::tensor
new_input(int64_t batch = 2)
{
        effnet::tensor input({batch, 3, side, side});
        const std::size_t count = effnet::tensor_view(input).size();

        for (std::size_t i = 0; i < count; i++)
                input.data()[i] = std::sin(static_cast<float>(i * i % 1009));
        return input;
}

std::vector<float>
values(effnet::tensor_view view)
{
        return std::vector<float>(view.begin(), view.end());
}

std::vector<float>
logits_of(effnet::session &session)
{
        session.run(new_input());
        return values(session.output(EFFNET_OUTPUT_LOGITS));
}

bool
same(const std::vector<effnet::prediction> &a,
     const std::vector<effnet::prediction> &b)
{
        bool equal = a.size() == b.size();

        for (std::size_t i = 0; equal && i < a.size(); i++)
                equal = a[i].class_index == b[i].class_index &&
                        a[i].probability == b[i].probability;
        return equal;
}

void
test_outputs()
{
        effnet::session session(new_model());
        const std::vector<int64_t> two = {2, classes};
        std::vector<float> logits = logits_of(session);

        expect(session.output(EFFNET_OUTPUT_LOGITS).shape() == two,
               "outputs have their shape");
        session.request({EFFNET_OUTPUT_REDUCTION_8, EFFNET_OUTPUT_FINAL_MAP,
                         EFFNET_OUTPUT_LOGITS});
        session.prepare(2, side, side);
        expect(logits_of(session) == logits, "requests leave the logits");
        effnet::tensor_view map = session.output(EFFNET_OUTPUT_REDUCTION_8);
        expect(map.dimension(2) == side / 8, "a map is an eighth");
        effnet::tensor seen = session.class_map(3);
        effnet::tensor_view view = seen;
        expect(view.dimension(0) == 2 && view.dimension(1) == 1 &&
                       view.dimension(3) ==
                               session.output(EFFNET_OUTPUT_FINAL_MAP)
                                       .dimension(3),
               "a class map has the final map's size");
        expect(fails([&] { session.class_map(classes); }, EFFNET_ERROR_ARGUMENT,
                     "class"),
               "no class map of another class");
        expect(fails([&] { session.output(EFFNET_OUTPUT_EMBEDDING); },
                     EFFNET_ERROR_STATE, ""),
               "no output that was not requested");
        session.request({});
        session.run(new_input());
        expect(session.output(EFFNET_OUTPUT_EMBEDDING).size() > 0,
               "the usual outputs again");
        std::vector<float> wrapped = values(new_input());
        session.run(effnet::tensor({2, 3, side, side}, wrapped.data(),
                                   wrapped.size()));
        expect(values(session.output(EFFNET_OUTPUT_LOGITS)) == logits,
               "a wrapped input gives the same");
        expect(fails(
                       [&] {
                               effnet::tensor({2, 2}, wrapped.data(), 3);
                       },
                       EFFNET_ERROR_MISMATCH, ""),
               "too few floats are noticed");
}

void
test_layers()
{
        effnet::options options;
        options.set(EFFNET_OPTION_KEEP_LAYERS, 1).set(EFFNET_OPTION_PROFILE, 1);
        effnet::session session(new_model(), options);
        std::vector<std::string> names = session.layers();

        expect(fails([&] { session.plan(EFFNET_PLAN_STEPS); },
                     EFFNET_ERROR_STATE, "plan"),
               "no plan before the first run");
        expect(session.step_kind(0).empty(), "and no kind of a step");
        std::vector<float> logits = logits_of(session);
        expect(names.size() > 10 && names.front() == "stem" &&
                       names.back() == "classifier",
               "kept layers have names");
        expect(values(session.layer(static_cast<int32_t>(names.size()) - 1)) ==
                       logits,
               "the last layer gives the logits");
        expect(fails([&] { session.layer(-1); }, EFFNET_ERROR_ARGUMENT, ""),
               "there is no layer -1");
        expect(session.plan(EFFNET_PLAN_BATCH) == 2 &&
                       session.plan(EFFNET_PLAN_HEIGHT) == side,
               "the plan is that of the input");
        expect(session.step_layer(0, 0) == "stem" &&
                       !session.step_kind(0).empty() &&
                       session.step(0, EFFNET_STEP_MACS) > 0 &&
                       session.step_seconds(0) >= 0,
               "the first step is the stem");
        expect(session.buffer(0, EFFNET_BUFFER_BYTES) > 0,
               "buffers have a size");
}

void
test_many()
{
        effnet::session session(new_model());
        effnet::image image = new_image();
        std::vector<effnet::prediction> best = session.classify(image, 3);
        auto all = session.classify_many({&image, nullptr, &image}, 3);

        expect(best.size() == 3, "as many classes as asked for");
        expect(all.size() == 3 && same(all[0].best, best) &&
                       same(all[2].best, best) && all[0].status == EFFNET_OK,
               "of many the same as of one");
        expect(all[1].status == EFFNET_ERROR_ARGUMENT && all[1].best.empty(),
               "a bad one fails alone");
        auto statuses = session.run_images({&image, nullptr});
        effnet::tensor_view rows = session.output(EFFNET_OUTPUT_LOGITS);
        expect(statuses[0] == EFFNET_OK &&
                       statuses[1] == EFFNET_ERROR_ARGUMENT &&
                       rows.dimension(0) == 2 && !std::isnan(rows.data()[0]) &&
                       std::isnan(rows.data()[classes]),
               "a batch of pictures has a row for each");
        expect(fails([&] { session.classify_many({nullptr}); },
                     EFFNET_ERROR_ARGUMENT, "NULL"),
               "none that could be run");
        expect(fails([&] { session.run_images({}); }, EFFNET_ERROR_ARGUMENT,
                     "images"),
               "no pictures");
        expect(fails([&] { session.classify(image, 0); }, EFFNET_ERROR_ARGUMENT,
                     "count"),
               "no class");
}

// A resource as std::pmr::memory_resource is one.
class resource
{
      public:
        void *allocate(std::size_t size, std::size_t alignment)
        {
                void *memory = ::operator new(size,
                                              std::align_val_t(alignment));
                std::lock_guard<std::mutex> lock(mutex_);

                sizes_[memory] = size;
                return memory;
        }

        void deallocate(void *memory, std::size_t size, std::size_t alignment)
        {
                std::lock_guard<std::mutex> lock(mutex_);

                if (sizes_[memory] != size)
                        std::abort();
                sizes_.erase(memory);
                ::operator delete(memory, std::align_val_t(alignment));
        }

        std::size_t live()
        {
                return sizes_.size();
        }

      private:
        std::mutex mutex_;
        std::map<void *, std::size_t> sizes_;
};

struct empty_resource {
        void *allocate(std::size_t, std::size_t)
        {
                throw std::bad_alloc();
        }

        void deallocate(void *, std::size_t, std::size_t)
        {
        }
};

void
test_allocator()
{
        resource heap;
        empty_resource none;

        {
                effnet::options options;
                options.set_allocator(heap);
                effnet::model model = new_model(options);
                effnet::session session(model);

                expect(heap.live() > 0, "a model's memory is the resource's");
                expect(session.classify(new_image()).size() == 5,
                       "it works there");
        }
        expect(heap.live() == 0, "all of it is given back");
        effnet::options options;
        options.set_allocator(none);
        expect(fails([&] { new_model(options); }, EFFNET_ERROR_MEMORY, ""),
               "a resource may throw");
}

void
test_files(const std::string &path)
{
        effnet::options options;
        double last = -1;
        int calls = 0;

        options.set(EFFNET_OPTION_KEEP_PARAMETERS, 1)
                .set(EFFNET_OPTION_MULTI_LABEL, 1)
                .set_progress([&](double part) {
                        calls++;
                        last = part;
                        return false;
                });
        effnet::model model = new_model(options);
        expect(calls > 1 && last == 1, "progress is heard to the end");
        expect(model.multi_label() && !new_model().multi_label(),
               "a model is multi-label where an option says so");
        options.set(EFFNET_OPTION_EPSILON, 1e-3)
                .set(EFFNET_OPTION_ARCHITECTURE, "test_efficientnet");
        double epsilon = 0;
        const char *name = nullptr;
        effnet::check(effnet_options_get_double(
                options.get(), EFFNET_OPTION_EPSILON, &epsilon));
        effnet::check(effnet_options_get_string(
                options.get(), EFFNET_OPTION_ARCHITECTURE, &name));
        expect(epsilon == 1e-3 && std::strcmp(name, "test_efficientnet") == 0,
               "options are set by their type");
        model.save(path, EFFNET_NAMES_OWN, EFFNET_TYPE_F32, options);
        effnet::model again(path, options);
        effnet::session first(model), second(again);
        expect(logits_of(first) == logits_of(second), "what is saved loads");
        expect(again.warnings().empty(), "without a warning");
        options.set_progress([](double) { return true; });
        expect(fails([&] { effnet::model(path, options); },
                     EFFNET_ERROR_CANCELLED, ""),
               "progress may end a load");
        options.set_progress([](double) -> bool { throw mine(); });
        expect(throws_mine([&] { effnet::model(path, options); }),
               "what progress throws arrives");
        options.set_progress(nullptr);
        expect(effnet::model(path, options.get()).classes() == classes,
               "and nothing is left of it");
        expect(fails([&] { effnet::model("/nowhere/at/all"); }, EFFNET_ERROR_IO,
                     "/nowhere"),
               "a missing file");
        expect(fails([&] { effnet::model("junk", std::size_t(4)); },
                     EFFNET_ERROR_FORMAT, "") ||
                       fails([&] { effnet::model("junk", std::size_t(4)); },
                             EFFNET_ERROR_UNSUPPORTED, ""),
               "a model of junk");
        expect(fails([&] { effnet::image("junk", std::size_t(4)); },
                     EFFNET_ERROR_FORMAT, ""),
               "a picture of junk");
        expect(fails([&] { options.set(EFFNET_OPTION_EPSILON, 1); },
                     EFFNET_ERROR_ARGUMENT, ""),
               "an option of another type");
}

void
on_threads(int32_t count, const effnet::job &job)
{
        std::atomic<int32_t> next{0};
        std::vector<std::thread> threads;

        for (int32_t thread = 0; thread < 3; thread++)
                threads.emplace_back([&, thread] {
                        for (int32_t i; (i = next++) < count;)
                                job(i, thread);
                });
        for (std::thread &thread : threads)
                thread.join();
}

void
test_callbacks()
{
        effnet::options options;
        options.set(EFFNET_OPTION_THREADS, 3);
        effnet::session made(new_model(), options);
        std::vector<float> logits = logits_of(made);
        int calls = 0, asked = 0;

        made.set_runner([&](int32_t count, const effnet::job &job) {
                calls++;
                on_threads(count, job);
        });
        effnet::session session = std::move(made);
        expect(logits_of(session) == logits && calls > 5,
               "a runner gives the same, also when the session has moved");
        session.set_runner([](int32_t, const effnet::job &) { throw mine(); });
        expect(throws_mine([&] { logits_of(session); }),
               "what a runner throws arrives");
        session.set_runner([](int32_t, const effnet::job &job) { job(0, 0); });
        expect(fails([&] { logits_of(session); }, EFFNET_ERROR_ARGUMENT,
                     "the runner ran 1 of"),
               "a runner that leaves jobs out");
        session.set_runner(nullptr);
        session.set_cancel([&] { return ++asked == 3; });
        expect(fails([&] { logits_of(session); }, EFFNET_ERROR_CANCELLED, ""),
               "a run is cancelled");
        expect(logits_of(session) == logits && asked > 3,
               "and the next one is not");
        session.set_cancel([]() -> bool { throw mine(); });
        expect(throws_mine([&] { logits_of(session); }),
               "what a cancel function throws arrives");
        session.set_cancel(nullptr);
        expect(logits_of(session) == logits, "nobody is asked any more");
}

} // namespace

int
main(int argc, char **argv)
{
        if (argc != 2)
                return 2;
        test_outputs();
        test_layers();
        test_many();
        test_allocator();
        test_files(std::string(argv[1]) + "/hpp.safetensors");
        test_callbacks();
        return failures > 0;
}
