import Foundation
import Testing

@testable import Datasets

/// Each mistake gets one clear sentence.
@Suite struct BadDataTests {
    @Test func labelsThatAreNone() throws {
        for (name, sentence) in [
            ("bad-labels.npz", "bad-labels.npz, y: there are 5 labels for 6 samples"),
            (
                "half-labels.npz",
                "half-labels.npz, y: the label of sample 0 is 3.5; labels are whole numbers from 0"
            ),
            (
                "negative-labels.npz",
                "negative-labels.npz, y: the label of sample 5 is -1; labels are whole numbers from 0"
            ),
        ] {
            #expect(try Fixture.sentence { _ = try Fixture.open(name) } == sentence)
        }
        #expect(
            try Fixture.sentence {
                _ = try Fixture.open("arrays.h5") { $0.labels = "group/short" }
            } == "arrays.h5, group/short: there are 3 labels for 6 samples")
        #expect(
            try Fixture.sentence { _ = try Fixture.open("stored.npz") { $0.labels = "z" } }
                == "stored.npz: there is no array 'z'; name the labels by --labels: there are x, y")
    }

    @Test func numbersThatAreNone() throws {
        let data = try Fixture.open("nan.npz")
        #expect(try data.samples(0..<4, shape: [4, 5]).count == 80)
        #expect(
            try Fixture.sentence { _ = try data.samples(2..<6, shape: [4, 5]) }
                == "nan.npz, sample 4: this holds NaN or an infinity")
    }

    @Test func filesThatAreNone() throws {
        #expect(
            try Fixture.sentence { _ = try Fixture.open("nowhere") }
                == "nowhere: there is no such file or folder")
        #expect(
            try Fixture.sentence { _ = try Fixture.open("empty.npz") }
                == "empty.npz, x: there are no samples: the shape is 0×4×5")
        #expect(
            try Fixture.sentence { _ = try Fixture.open("objects.npz") }
                == "objects.npz, x: the elements are Python objects, which are never read; store numbers"
        )
        #expect(
            try Fixture.sentence { _ = try Fixture.open("complex.npz") }.hasPrefix(
                "complex.npz, x: elements of type '<c8' are not read; store integers"))
        #expect(
            try Fixture.sentence { _ = try Fixture.open("make_fixtures.py") }
                == "make_fixtures.py: this is no data that can be read: HDF5, .npz, .npy, IDX, or a "
                + "folder of PNG and JPEG images")
        #expect(
            try Fixture.sentence { _ = try Fixture.open("npy") }
                == "npy: the folder holds no PNG and no JPEG images, no sub-folders with any, and no "
                + "IDX files")
    }

    @Test func namesThatForgeLines() {
        let error = DatasetError(.damaged, file: "a\u{1B}[2J", place: "b\nerror: c", "d\u{2028}e")
        #expect(error.description == "a?[2J, b?error: c: d?e")
    }

    @Test func shapesThatDoNotFit() throws {
        let data = try Fixture.open("stored.npz")
        func sentence(_ shape: [Int]) throws -> String {
            try Fixture.sentence { _ = try data.samples(0..<1, shape: shape) }
        }
        #expect(
            try sentence([8, 8, 1])
                == "stored.npz: the samples are 4×5, and the model takes 8×8×1; give --resize 8x8")
        #expect(
            try sentence([4, 5, 3])
                == "stored.npz: the samples have 1 channels, and the model takes 3; give "
                + "--channel-order rgb to repeat the grey channel")
        #expect(
            try sentence([7])
                == "stored.npz: the samples are 4×5, and the model takes 7")
        #expect(
            try Fixture.sentence { _ = try data.samples(5..<7, shape: [4, 5]) }
                == "stored.npz: there is no sample 6: there are 6")
        let resized = try Fixture.open("stored.npz") {
            _ = $0.preprocessing.set(.resize, ["9x9"])
        }
        #expect(
            try Fixture.sentence { _ = try resized.samples(0..<1, shape: [8, 8, 1]) }
                == "stored.npz: resize says 9x9, and the model takes 8×8×1")
        let means = try Fixture.open("colours.npz") {
            _ = $0.preprocessing.set(.mean, ["1", "2"])
        }
        #expect(
            try Fixture.sentence { _ = try means.samples(0..<1, shape: [4, 4, 3]) }
                == "colours.npz: mean has 2 numbers, and the model takes 3 channels; give one, or one "
                + "for each")
    }
}
