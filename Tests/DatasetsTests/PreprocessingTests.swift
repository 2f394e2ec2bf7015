import Foundation
import OrderedJSON
import Testing

@testable import Datasets

/// What is done to samples, with numbers from Keras.
@Suite struct PreprocessingTests {
    private func preprocessing(_ words: [(Preprocessing.Key, [String])]) -> Preprocessing {
        var preprocessing = Preprocessing()
        for (key, texts) in words {
            #expect(preprocessing.set(key, texts) == nil)
        }
        return preprocessing
    }

    @Test func resizingAsKerasDoes() throws {
        let cases = try Fixture.expected("resize")
        #expect(cases.keys.count == 10)
        for key in cases.keys {
            let parts = key.split(separator: "-").map(String.init)
            let sizes = parts[0].split(separator: "x").compactMap { Int($0) }
            let data = try Fixture.open("resize.npz") {
                $0.scalesBytes = false
                $0.preprocessing = preprocessing([
                    (.resize, [parts[0]]), (.resizeMethod, [parts[1]]),
                ])
            }
            let expected = try Fixture.numbers(Fixture.expected("resize", key))
            let found = try data.samples(0..<2, shape: sizes + [3])
            #expect(isClose(found, expected, within: 1e-3), "\(key)")
        }
    }

    @Test func meansAndDeviationsAsKerasDoes() throws {
        let said = preprocessing([
            (.scale, ["1/255"]), (.mean, ["0.485", "0.456", "0.406"]),
            (.standardDeviation, ["0.229", "0.224", "0.225"]),
        ])
        let data = try Fixture.open("colours.npz") { $0.preprocessing = said }
        for (shape, key) in [([4, 4, 3], "normalised"), ([3, 4, 4], "channels-first")] {
            let expected = try Fixture.numbers(Fixture.expected("colours", key))
            let found = try data.samples(0..<3, shape: shape)
            #expect(isClose(found, expected, within: 1e-5), "\(key)")
        }
        #expect(
            try data.treatment(shape: [3, 4, 4])
                == "channels first, × 1/255, − (0.485, 0.456, 0.406), ÷ (0.229, 0.224, 0.225)")
        let caffe = try Fixture.open("colours.npz") {
            $0.preprocessing = preprocessing([
                (.channelOrder, ["bgr"]), (.mean, ["103.939", "116.779", "123.68"]),
            ])
        }
        let expected = try Fixture.numbers(Fixture.expected("colours", "caffe"))
        #expect(isClose(try caffe.samples(0..<3, shape: [4, 4, 3]), expected, within: 1e-4))
    }

    @Test func rowsAndAxes() throws {
        let data = try Fixture.open("stored.npz")
        let plain = try data.samples(0..<6, shape: [4, 5])
        for shape in [[20], [4, 5, 1], [1, 4, 5]] {
            #expect(try data.samples(0..<6, shape: shape) == plain, "\(shape)")
        }
        let repeated = try Fixture.open("stored.npz") {
            $0.preprocessing = preprocessing([(.channelOrder, ["rgb"])])
        }
        #expect(
            try repeated.samples(0..<1, shape: [4, 5, 3])
                == plain[..<20].flatMap { [$0, $0, $0] })
    }

    @Test func wordsThatCannotBe() {
        var preprocessing = Preprocessing()
        for (key, words, rule) in [
            (.scale, ["0"], "a number other than 0, or a fraction such as 1/255"),
            (.scale, ["1/0"], "a number other than 0, or a fraction such as 1/255"),
            (.scale, ["nan"], "a number other than 0, or a fraction such as 1/255"),
            (.mean, ["x"], "a number, or one for each channel"),
            (.standardDeviation, ["1", "0"], "a number, or one for each channel, above 0"),
            (.resize, ["224"], "height x width in pixels, such as 224x224"),
            (.resize, ["0x9"], "height x width in pixels, such as 224x224"),
            (.resizeMethod, ["cubic"], "one of bilinear, nearest"),
            (.channelOrder, ["gbr"], "one of rgb, bgr, grey"),
        ] as [(Preprocessing.Key, [String], String)] {
            #expect(preprocessing.set(key, words) == rule)
        }
        #expect(preprocessing == Preprocessing())
    }

    @Test func theDefaultGivesWayToWhatIsSaid() throws {
        let said = try Fixture.open("stored.npz") {
            $0.preprocessing = preprocessing([(.mean, ["10"])])
        }
        #expect(try said.treatment(shape: [4, 5]) == "− 10.0")
        let own = try Fixture.open("stored.npz") { $0.scalesBytes = false }
        #expect(try own.treatment(shape: [4, 5]) == "")
    }
}
