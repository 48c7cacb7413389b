// effnet.hpp: effnet.h for C++17: handles that free themselves, failures as
// exceptions.  Everything is inline; the library itself stays C.
#ifndef EFFNET_HPP
#define EFFNET_HPP

#include "effnet.h"

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
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

} // namespace detail

class image
{
      public:
        // Decodes a PNG or JPEG file.
        explicit image(const std::string &path)
        {
                effnet_image *handle = nullptr;

                check(effnet_image_read_file(&handle, path.c_str(), nullptr));
                handle_.reset(handle);
        }

        // Decodes a PNG or JPEG in memory, which is not kept.
        image(const void *data, std::size_t size)
        {
                effnet_image *handle = nullptr;

                check(effnet_image_read_memory(&handle, data, size, nullptr));
                handle_.reset(handle);
        }

        // Wraps pixels without a copy; they must outlive the image.
        image(int32_t format, int32_t width, int32_t height, const void *pixels,
              int64_t stride)
        {
                effnet_image *handle = nullptr;

                check(effnet_image_wrap(&handle, format, width, height, pixels,
                                        stride, nullptr, nullptr));
                handle_.reset(handle);
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
                       const effnet_options *options = nullptr)
        {
                effnet_model *handle = nullptr;

                check(effnet_model_load_file(&handle, path.c_str(), options));
                handle_.reset(handle, effnet_model_release);
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
        std::shared_ptr<effnet_model> handle_;
};

struct prediction {
        int32_t class_index;
        float probability;
};

class session
{
      public:
        explicit session(const model &model,
                         const effnet_options *options = nullptr)
        {
                effnet_session *handle = nullptr;

                check(effnet_session_create(&handle, model.get(), options));
                handle_.reset(handle);
        }

        // The `k` best classes, best first.
        std::vector<prediction> classify(const image &image, int32_t k = 5)
        {
                // Not empty, so that the library sees a wrong k by itself.
                std::vector<int32_t> classes(k > 0 ? k : 1);
                std::vector<float> scores(classes.size());
                std::vector<prediction> best;

                check(effnet_session_classify(handle_.get(), image.get(), &k,
                                              classes.data(), scores.data()));
                for (int32_t i = 0; i < k; i++)
                        best.push_back({classes[i], scores[i]});
                return best;
        }

        effnet_session *get() const noexcept
        {
                return handle_.get();
        }

      private:
        detail::owner<effnet_session, effnet_session_free> handle_;
};

} // namespace effnet

#endif
