// effnet.hpp: effnet.h for C++17: handles that free themselves, failures as
// exceptions, callbacks as functions.  Everything is inline; the library itself
// stays C.  What is not wrapped is called on a handle's get().
#ifndef EFFNET_HPP
#define EFFNET_HPP

#include "effnet.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace effnet
{

// A failed call: its status and the library's message.
class error : public std::runtime_error
{
      public:
        explicit error(effnet_status status)
            : std::runtime_error(effnet_last_error()), status_(status)
        {
        }

        effnet_status status() const noexcept
        {
                return status_;
        }

      private:
        effnet_status status_;
};

// Throws error unless `status` is EFFNET_OK.
inline void
check(effnet_status status)
{
        if (status != EFFNET_OK)
                throw error(status);
}

namespace detail
{

template <auto Free> struct freer {
        template <typename Handle>
        void operator()(Handle *handle) const noexcept
        {
                Free(handle);
        }
};

template <typename Handle, auto Free>
using owner = std::unique_ptr<Handle, freer<Free>>;

// What a creating function hands out through its first parameter.
template <typename Handle, typename Create, typename... Arguments>
Handle *
made(Create create, Arguments... arguments)
{
        Handle *handle = nullptr;

        check(create(&handle, arguments...));
        return handle;
}

// An exception in a callback ends the call, and is thrown again behind it.
struct caught {
        std::exception_ptr thrown;

        template <typename Call>
        auto keep(Call call, decltype(call()) failed) noexcept
                -> decltype(call())
        {
                try {
                        return call();
                } catch (...) {
                        thrown = std::current_exception();
                        return failed;
                }
        }

        void check(effnet_status status)
        {
                if (thrown)
                        std::rethrow_exception(std::exchange(thrown, nullptr));
                effnet::check(status);
        }
};

} // namespace detail

// Options by key; EFFNET_OPTION_* says the type of each.
class options
{
      public:
        options()
            : handle_(detail::made<effnet_options>(effnet_options_create)),
              progress_(std::make_unique<progress>())
        {
        }

        template <typename Value> options &set(int32_t key, const Value &value)
        {
                if constexpr (std::is_floating_point_v<Value>)
                        check(effnet_options_set_double(handle_.get(), key,
                                                        value));
                else if constexpr (std::is_convertible_v<Value, int64_t>)
                        check(effnet_options_set_int(handle_.get(), key,
                                                     value));
                else
                        check(effnet_options_set_string(
                                handle_.get(), key,
                                std::string(value).c_str()));
                return *this;
        }

        // A std::pmr::memory_resource, or what has allocate and deallocate as
        // it; it must be thread-safe, and outlive all that comes from it: see
        // effnet_options_set_allocator.
        template <typename Resource> options &set_allocator(Resource &resource)
        {
                check(effnet_options_set_allocator(
                        handle_.get(), allocate<Resource>, deallocate<Resource>,
                        &resource));
                return *this;
        }

        // `report` hears the part that is done, 0...1, of a load or save with
        // these options, which must not be gone then; true ends it.  An empty
        // function: nobody hears.
        options &set_progress(std::function<bool(double)> report)
        {
                progress_->report = std::move(report);
                check(effnet_options_set_progress(
                        handle_.get(), progress_->report ? hear : nullptr,
                        progress_.get()));
                return *this;
        }

        const effnet_options *get() const noexcept
        {
                return handle_.get();
        }

        // As effnet::check, or throws what the progress threw.
        void check_call(effnet_status status) const
        {
                progress_->caught.check(status);
        }

      private:
        struct progress {
                std::function<bool(double)> report;
                detail::caught caught;
        };

        static int32_t hear(void *opaque, double fraction)
        {
                progress *to = static_cast<progress *>(opaque);

                return to->caught.keep([&] { return to->report(fraction); },
                                       true);
        }

        template <typename Resource>
        static void *allocate(void *opaque, std::size_t size,
                              std::size_t alignment)
        {
                try {
                        return static_cast<Resource *>(opaque)->allocate(
                                size, alignment);
                } catch (...) {
                        return nullptr;
                }
        }

        template <typename Resource>
        static void deallocate(void *opaque, void *memory, std::size_t size,
                               std::size_t alignment)
        {
                static_cast<Resource *>(opaque)->deallocate(memory, size,
                                                            alignment);
        }

        detail::owner<effnet_options, effnet_options_free> handle_;
        std::unique_ptr<progress> progress_;
};

namespace detail
{

// Options as a parameter: an effnet::options, the C handle, or none.
class some_options
{
      public:
        some_options(const effnet_options *handle) noexcept : handle_(handle)
        {
        }

        some_options(const options &from) noexcept
            : handle_(from.get()), from_(&from)
        {
        }

        const effnet_options *get() const noexcept
        {
                return handle_;
        }

        void check(effnet_status status) const
        {
                if (from_ != nullptr)
                        from_->check_call(status);
                else
                        effnet::check(status);
        }

      private:
        const effnet_options *handle_;
        const options *from_ = nullptr;
};

} // namespace detail

// A tensor that is another object's; valid as long as the C function says.
class tensor_view
{
      public:
        tensor_view(const effnet_tensor *handle) noexcept : handle_(handle)
        {
        }

        int64_t dimension(int32_t index) const noexcept
        {
                return effnet_tensor_dimension(handle_, index);
        }

        std::vector<int64_t> shape() const
        {
                std::vector<int64_t> sides;

                for (int32_t i = 0; i < effnet_tensor_rank(handle_); i++)
                        sides.push_back(dimension(i));
                return sides;
        }

        std::size_t size() const noexcept
        {
                return static_cast<std::size_t>(effnet_tensor_count(handle_));
        }

        // The elements, in C order; of EFFNET_TYPE_F32 alone.
        const float *data() const noexcept
        {
                return static_cast<const float *>(
                        effnet_tensor_const_data(handle_));
        }

        const float *begin() const noexcept
        {
                return data();
        }

        const float *end() const noexcept
        {
                return data() + size();
        }

        const effnet_tensor *get() const noexcept
        {
                return handle_;
        }

      private:
        const effnet_tensor *handle_;
};

// A tensor of floats.
class tensor
{
      public:
        // Of zeros.
        explicit tensor(const std::vector<int64_t> &shape)
            : handle_(detail::made<effnet_tensor>(
                      effnet_tensor_create, EFFNET_TYPE_F32,
                      static_cast<int32_t>(shape.size()), shape.data()))
        {
        }

        // Wraps `data` without a copy; it must outlive the tensor.
        tensor(const std::vector<int64_t> &shape, float *data,
               std::size_t count)
            : handle_(detail::made<effnet_tensor>(
                      effnet_tensor_wrap, EFFNET_TYPE_F32,
                      static_cast<int32_t>(shape.size()), shape.data(),
                      static_cast<void *>(data), count * sizeof(float), nullptr,
                      nullptr))
        {
        }

        // Takes what a function of effnet.h handed out.
        explicit tensor(effnet_tensor *handle) noexcept : handle_(handle)
        {
        }

        operator tensor_view() const noexcept
        {
                return handle_.get();
        }

        float *data() noexcept
        {
                return static_cast<float *>(effnet_tensor_data(handle_.get()));
        }

        effnet_tensor *get() const noexcept
        {
                return handle_.get();
        }

      private:
        detail::owner<effnet_tensor, effnet_tensor_free> handle_;
};

// An architecture.
class config
{
      public:
        explicit config(const std::string &name)
            : handle_(detail::made<effnet_config>(effnet_config_create,
                                                  name.c_str()))
        {
        }

        template <typename Value> config &set(int32_t key, Value value)
        {
                if constexpr (std::is_floating_point_v<Value>)
                        check(effnet_config_set_double(handle_.get(), key,
                                                       value));
                else
                        check(effnet_config_set_int(handle_.get(), key, value));
                return *this;
        }

        effnet_config *get() const noexcept
        {
                return handle_.get();
        }

      private:
        detail::owner<effnet_config, effnet_config_free> handle_;
};

class image
{
      public:
        // Decodes a PNG or JPEG file.
        explicit image(const std::string &path,
                       detail::some_options options = nullptr)
            : handle_(detail::made<effnet_image>(effnet_image_read_file,
                                                 path.c_str(), options.get()))
        {
        }

        // Decodes a PNG or JPEG in memory, which is not kept.
        image(const void *data, std::size_t size,
              detail::some_options options = nullptr)
            : handle_(detail::made<effnet_image>(effnet_image_read_memory, data,
                                                 size, options.get()))
        {
        }

        // Wraps pixels without a copy; they must outlive the image.
        image(int32_t format, int32_t width, int32_t height, const void *pixels,
              int64_t stride)
            : handle_(detail::made<effnet_image>(effnet_image_wrap, format,
                                                 width, height, pixels, stride,
                                                 nullptr, nullptr))
        {
        }

        const effnet_image *get() const noexcept
        {
                return handle_.get();
        }

      private:
        detail::owner<effnet_image, effnet_image_free> handle_;
};

// A copy shares the same immutable model.
class model
{
      public:
        explicit model(const std::string &path,
                       detail::some_options options = nullptr)
        {
                load(options, effnet_model_load_file, path.c_str());
        }

        // A checkpoint in memory, which is not kept.
        model(const void *data, std::size_t size,
              detail::some_options options = nullptr)
        {
                load(options, effnet_model_load_memory, data, size);
        }

        // Of seeded weights.
        model(const config &config, uint64_t seed,
              detail::some_options options = nullptr)
        {
                load(options, effnet_model_create, config.get(), seed);
        }

        // As safetensors, with names EFFNET_NAMES_* and values of
        // EFFNET_TYPE_*; of a model with EFFNET_OPTION_KEEP_PARAMETERS.
        void save(const std::string &path, int32_t names = EFFNET_NAMES_OWN,
                  int32_t dtype = EFFNET_TYPE_F32,
                  detail::some_options options = nullptr) const
        {
                options.check(effnet_model_save_file(handle_.get(),
                                                     path.c_str(), names, dtype,
                                                     options.get()));
        }

        // What it warned of when it was loaded.
        std::vector<std::string> warnings() const
        {
                std::vector<std::string> texts;

                for (int32_t i = 0;
                     i < effnet_model_warning_count(handle_.get()); i++)
                        texts.push_back(effnet_model_warning(handle_.get(), i));
                return texts;
        }

        bool multi_label() const noexcept
        {
                return effnet_model_multi_label(handle_.get()) != 0;
        }

        int32_t classes() const noexcept
        {
                return effnet_model_classes(handle_.get());
        }

        // The name of a class; "" where the model has no labels.
        std::string label(int32_t class_index) const
        {
                const char *text = effnet_model_label(handle_.get(),
                                                      class_index);

                return text != nullptr ? text : "";
        }

        effnet_model *get() const noexcept
        {
                return handle_.get();
        }

      private:
        template <typename Load, typename... From>
        void load(const detail::some_options &options, Load load, From... from)
        {
                effnet_model *handle = nullptr;

                options.check(load(&handle, from..., options.get()));
                handle_.reset(handle, effnet_model_release);
        }

        std::shared_ptr<effnet_model> handle_;
};

struct prediction {
        int32_t class_index;
        float probability;
};

// One of the pictures of a call with many: EFFNET_OK, or why it failed.
struct predictions {
        effnet_status status;
        std::vector<prediction> best; // first; none after a failure
};

// A job of a run, which a runner calls.
class job
{
      public:
        job(effnet_job_fn function, void *opaque) noexcept
            : function_(function), opaque_(opaque)
        {
        }

        void operator()(int32_t index, int32_t thread) const
        {
                function_(opaque_, index, thread);
        }

      private:
        effnet_job_fn function_;
        void *opaque_;
};

class session
{
      public:
        // Calls the job for each index below `count`, each time with a thread's
        // number, and returns when all are done: see effnet_session_set_runner.
        using runner = std::function<void(int32_t count, const job &)>;

        explicit session(const model &model,
                         detail::some_options options = nullptr)
            : hooks_(std::make_unique<hooks>()),
              handle_(detail::made<effnet_session>(effnet_session_create,
                                                   model.get(), options.get()))
        {
        }

        // The `k` best classes, best first.
        std::vector<prediction> classify(const image &image, int32_t k = 5)
        {
                // Not empty, so that the library sees a wrong k by itself.
                std::vector<int32_t> classes(k > 0 ? k : 1);
                std::vector<float> scores(classes.size());

                check_call(effnet_session_classify(handle_.get(), image.get(),
                                                   &k, classes.data(),
                                                   scores.data()));
                return row(classes.data(), scores.data(), k);
        }

        // The same of many pictures, which may be null.  A picture that fails,
        // fails alone; throws where none could be run.
        std::vector<predictions>
        classify_many(const std::vector<const image *> &images, int32_t k = 5)
        {
                const std::size_t room = k > 0 ? k : 1;
                std::vector<const effnet_image *> handles = handles_of(images);
                std::vector<int32_t> counts(images.size());
                std::vector<int32_t> classes(images.size() * room);
                std::vector<float> scores(images.size() * room);
                std::vector<effnet_status> statuses = none_ran(images);
                std::vector<predictions> all;

                check_many(effnet_session_classify_many(
                                   handle_.get(), handles.data(),
                                   static_cast<int32_t>(handles.size()), k,
                                   counts.data(), classes.data(), scores.data(),
                                   statuses.data()),
                           statuses);
                for (std::size_t i = 0; i < statuses.size(); i++)
                        all.push_back({statuses[i],
                                       row(&classes[i * room],
                                           &scores[i * room], counts[i])});
                return all;
        }

        // Runs many pictures as a batch, whose outputs have a row for each;
        // with their statuses as above.
        std::vector<effnet_status>
        run_images(const std::vector<const image *> &images)
        {
                std::vector<const effnet_image *> handles = handles_of(images);
                std::vector<effnet_status> statuses = none_ran(images);

                check_many(effnet_session_run_images(
                                   handle_.get(), handles.data(),
                                   static_cast<int32_t>(handles.size()),
                                   statuses.data()),
                           statuses);
                return statuses;
        }

        // N x channels x height x width floats.
        void run(tensor_view input)
        {
                check_call(effnet_session_run(handle_.get(), input.get()));
        }

        // EFFNET_OUTPUT_* that runs yield from now on; none: the usual ones.
        void request(const std::vector<int32_t> &outputs)
        {
                check_call(effnet_session_request(
                        handle_.get(), outputs.data(),
                        static_cast<int32_t>(outputs.size())));
        }

        void prepare(int64_t batch, int32_t height, int32_t width)
        {
                check_call(effnet_session_prepare(handle_.get(), batch, height,
                                                  width));
        }

        // EFFNET_OUTPUT_* of the last run, valid until the next.
        tensor_view output(int32_t output) const
        {
                const effnet_tensor *found = nullptr;

                check(effnet_session_output(handle_.get(), output, &found));
                return found;
        }

        // With EFFNET_OPTION_KEEP_LAYERS: their canonical names, in order, and
        // what each gave in the last run, valid until the next.
        std::vector<std::string> layers() const
        {
                std::vector<std::string> names;

                for (int32_t i = 0;
                     i < effnet_session_layer_count(handle_.get()); i++)
                        names.push_back(
                                effnet_session_layer_name(handle_.get(), i));
                return names;
        }

        tensor_view layer(int32_t index) const
        {
                const effnet_tensor *found = nullptr;

                check(effnet_session_layer(handle_.get(), index, &found));
                return found;
        }

        // N x 1 x height x width: where the last run, for which
        // EFFNET_OUTPUT_FINAL_MAP was requested, saw the class.
        tensor class_map(int32_t class_index)
        {
                effnet_tensor *map = nullptr;

                check(effnet_session_class_map(handle_.get(), class_index,
                                               &map));
                return tensor(map);
        }

        // An empty function: the session's own threads again.  What it throws
        // is thrown by the run.
        void set_runner(runner run)
        {
                check(effnet_session_set_runner(handle_.get(),
                                                run ? call_runner : nullptr,
                                                hooks_.get()));
                hooks_->run = std::move(run);
        }

        // Asked between the steps of a run; true ends it.  An empty function:
        // nobody is asked.  What it throws is thrown by the run.
        void set_cancel(std::function<bool()> cancel)
        {
                check(effnet_session_set_cancel(handle_.get(),
                                                cancel ? call_cancel : nullptr,
                                                hooks_.get()));
                hooks_->cancel = std::move(cancel);
        }

        // How it runs: EFFNET_PLAN_*, EFFNET_STEP_* and EFFNET_BUFFER_*.
        int64_t plan(int32_t key) const
        {
                int64_t value;

                check(effnet_session_plan_get_int(handle_.get(), key, &value));
                return value;
        }

        int64_t step(int32_t step, int32_t key) const
        {
                int64_t value;

                check(effnet_session_step_get_int(handle_.get(), step, key,
                                                  &value));
                return value;
        }

        // With EFFNET_OPTION_PROFILE.
        double step_seconds(int32_t step) const
        {
                double value;

                check(effnet_session_step_get_double(
                        handle_.get(), step, EFFNET_STEP_SECONDS, &value));
                return value;
        }

        // "" where there is no such step or layer.
        std::string step_kind(int32_t step) const
        {
                return text(effnet_session_step_kind(handle_.get(), step));
        }

        std::string step_layer(int32_t step, int32_t layer) const
        {
                return text(
                        effnet_session_step_layer(handle_.get(), step, layer));
        }

        int64_t buffer(int32_t buffer, int32_t key) const
        {
                int64_t value;

                check(effnet_session_buffer_get_int(handle_.get(), buffer, key,
                                                    &value));
                return value;
        }

        effnet_session *get() const noexcept
        {
                return handle_.get();
        }

      private:
        // What the C session points to; it stays where it is when *this moves.
        struct hooks {
                runner run;
                std::function<bool()> cancel;
                detail::caught caught;
        };

        static effnet_status call_runner(void *opaque, int32_t count,
                                         effnet_job_fn function,
                                         void *job_opaque)
        {
                hooks *to = static_cast<hooks *>(opaque);

                return to->caught.keep(
                        [&]() -> effnet_status {
                                to->run(count, job(function, job_opaque));
                                return EFFNET_OK;
                        },
                        EFFNET_ERROR_CANCELLED);
        }

        static int32_t call_cancel(void *opaque)
        {
                hooks *to = static_cast<hooks *>(opaque);

                return to->caught.keep([&] { return to->cancel(); }, true);
        }

        static std::vector<prediction> row(const int32_t *classes,
                                           const float *scores, int32_t count)
        {
                std::vector<prediction> best;

                for (int32_t i = 0; i < count; i++)
                        best.push_back({classes[i], scores[i]});
                return best;
        }

        static std::string text(const char *found)
        {
                return found != nullptr ? found : "";
        }

        static std::vector<const effnet_image *>
        handles_of(const std::vector<const image *> &images)
        {
                std::vector<const effnet_image *> handles;

                for (const image *each : images)
                        handles.push_back(each != nullptr ? each->get()
                                                          : nullptr);
                return handles;
        }

        static std::vector<effnet_status>
        none_ran(const std::vector<const image *> &images)
        {
                return std::vector<effnet_status>(images.size(),
                                                  EFFNET_ERROR_STATE);
        }

        void check_call(effnet_status status)
        {
                hooks_->caught.check(status);
        }

        void check_many(effnet_status status,
                        const std::vector<effnet_status> &statuses)
        {
                for (effnet_status each : statuses)
                        if (each == EFFNET_OK)
                                status = EFFNET_OK;
                check_call(status);
        }

        // The C session goes first.
        std::unique_ptr<hooks> hooks_;
        detail::owner<effnet_session, effnet_session_free> handle_;
};

} // namespace effnet

#endif
