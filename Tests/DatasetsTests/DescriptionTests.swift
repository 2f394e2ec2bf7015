import Foundation
import Testing

@testable import Datasets

/// The YAML file beside the data.
@Suite struct DescriptionTests {
    private func read(_ text: String) throws -> DataDescription {
        try DescriptionReader.read(Data(text.utf8), file: "d.yaml")
    }

    @Test func everyKey() throws {
        let description = try read(
            """
            # ImageNet, as most networks of PyTorch want it
            samples: images
            labels: targets
            classes: [cat, dog, "no"]
            split: validation
            scale: 1/255
            mean: [0.485, 0.456, 0.406]
            standard-deviation: 0.25
            resize: 224x160
            resize-method: nearest
            channel-order: bgr
            """)
        var expected = DataDescription()
        expected.samples = "images"
        expected.labels = "targets"
        expected.classes = ["cat", "dog", "no"]
        expected.split = .validation
        expected.preprocessing.scale = 1.0 / 255
        expected.preprocessing.mean = [0.485, 0.456, 0.406]
        expected.preprocessing.standardDeviation = [0.25]
        expected.preprocessing.resize = Preprocessing.ImageSize(height: 224, width: 160)
        expected.preprocessing.resizeMethod = .nearest
        expected.preprocessing.channelOrder = .bgr
        #expect(description == expected)
        #expect(try read("") == DataDescription())
        #expect(try read("# nothing\n") == DataDescription())
    }

    @Test(arguments: [
        (
            "scale: 2\nscal: 3\n",
            "d.yaml:2: scal: there is no such key; the keys are samples, labels, classes, split, "
                + "scale, mean, resize, standard-deviation, resize-method, channel-order"
        ),
        (
            "\nscale: big\n",
            "d.yaml:2: scale: 'big' must be a number other than 0, or a fraction such as 1/255"
        ),
        (
            "resize: [1, 2]\n",
            "d.yaml:1: resize: '1, 2' must be height x width in pixels, such as 224x224"
        ),
        ("mean:\n  red: 1\n", "d.yaml:2: mean: this must be a value or a list of values"),
        ("mean:\n", "d.yaml:1: mean: this must be a value or a list of values"),
        ("split: all\n", "d.yaml:1: split: 'all' must be one of test, train, validation"),
        (
            "classes: [a, a]\n",
            "d.yaml:1: classes: this must be a list of different names, two at least"
        ),
        ("scale: 1\nscale: 2\n", "d.yaml:1: scale: the key is given twice; keep one of them"),
        ("- 1\n", "d.yaml:1: a description is a list of 'key: value' lines"),
        (
            "a: &x 1\nb: *x\n",
            "d.yaml: anchors and aliases are not allowed; write the values out"
        ),
    ])
    func mistakes(text: String, sentence: String) throws {
        let error = try #require(throws: DatasetError.self) { _ = try read(text) }
        #expect(error.description == sentence)
        #expect(error.code == .description)
    }

    @Test func brokenYAML() throws {
        for text in ["scale: [1", "\t- a", "a: b: c", "%", "scale: 1\n---\nmean: 2\n"] {
            let error = try #require(throws: DatasetError.self) { _ = try read(text) }
            #expect(error.description.contains("this is not valid YAML"), "\(error)")
        }
    }

    @Test func besideTheDataAndNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "d.npz")
        try FileManager.default.copyItem(atPath: Fixture.path("stored.npz"), toPath: file.path)
        #expect(try Dataset.open(path: file.path).preprocessing.scale == 1.0 / 255)
        try Data("scale: 2\nclasses: [a, b, c, d, e, f]\n".utf8).write(
            to: folder.appending(path: "d.yaml"))
        let data = try Dataset.open(path: file.path)
        #expect(data.preprocessing.scale == 2)
        #expect(data.classNames == ["a", "b", "c", "d", "e", "f"])

        let other = folder.appending(path: "other.yaml")
        try Data("classes: [a, b]\n".utf8).write(to: other)
        var options = DatasetOptions()
        options.descriptionPath = other.path
        let error = try #require(throws: DatasetError.self) {
            _ = try Dataset.open(path: file.path, options: options)
        }
        #expect(error.reason == "the label of sample 0 is 3, and the description names 2 classes")
        options.preprocessing.scale = 5
        options.descriptionPath = nil
        #expect(try Dataset.open(path: file.path, options: options).preprocessing.scale == 5)
        options.descriptionPath = "nowhere.yaml"
        let missing = try #require(throws: DatasetError.self) {
            _ = try Dataset.open(path: file.path, options: options)
        }
        #expect(missing.code == .notFound)
    }
}
