// classify.cc: name what is in a picture, in C++17.
//
//   c++ -std=c++17 classify.cc $(pkg-config --cflags --libs effnet) -o classify
//   ./classify efficientnet_b0.pth dog.jpg
#include <effnet.hpp>

#include <cstdio>

int
main(int argc, char **argv)
{
        if (argc != 3) {
                std::fprintf(stderr, "usage: %s MODEL IMAGE\n", argv[0]);
                return 2;
        }
        try {
                effnet::model model(argv[1]);
                effnet::session session(model);
                effnet::image image(argv[2]);

                for (const auto &best : session.classify(image)) {
                        std::string label = model.label(best.class_index);

                        if (label.empty())
                                label = "class " +
                                        std::to_string(best.class_index);
                        std::printf("%s %.4f\n", label.c_str(),
                                    best.probability);
                }
        } catch (const effnet::error &failure) {
                std::fprintf(stderr, "%s\n", failure.what());
                return 1;
        }
        return 0;
}
