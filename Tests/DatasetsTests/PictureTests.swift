import Foundation
import OrderedJSON
import Testing

@testable import Datasets

/// Image files, with pixels from the Python Imaging Library.
@Suite struct PictureTests {
    @Test func everyKindOfPNG() throws {
        let pixels = try Fixture.expected("pictures")
        for name in pixels.keys where name.hasSuffix(".png") && name != "deep.png" {
            let expected = try Fixture.numbers(Fixture.expected("pictures", name))
            let data = try Fixture.open("pictures/" + name) { $0.scalesBytes = false }
            #expect(data.sampleShape == [13, 11, expected.count / 143], "\(name)")
            #expect(try data.samples(0..<1, shape: data.sampleShape) == expected, "\(name)")
        }
    }

    @Test func sixteenBitsBecomeEight() throws {
        // libpng and numpy may round halves differently.
        let data = try Fixture.open("pictures/deep.png") { $0.scalesBytes = false }
        let expected = try Fixture.numbers(Fixture.expected("pictures", "deep.png"))
        #expect(isClose(try data.samples(0..<1, shape: [13, 11, 1]), expected, within: 1))
    }

    @Test(arguments: ["rgb.jpg", "grey.jpg", "half.jpeg", "progressive.jpg"])
    func everyKindOfJPEG(name: String) throws {
        // The standard leaves the inverse transform's rounding and the smoothing of halved colours open: two
        // decoders may differ by one step in each.
        let data = try Fixture.open("pictures/" + name) { $0.scalesBytes = false }
        let expected = try Fixture.numbers(Fixture.expected("pictures", name))
        let found = try data.samples(0..<1, shape: data.sampleShape)
        #expect(isClose(found, expected, within: 2))
    }

    @Test func printingColoursAreRefused() throws {
        #expect(
            try Fixture.sentence { _ = try Fixture.open("pictures/printing.jpg") }
                == "pictures/printing.jpg: none of the 1 images can be read; the first one: the JPEG has "
                + "four printing colours; store it as RGB")
    }

    @Test func channelsFollowTheModel() throws {
        let colours = try Fixture.open("pictures/rgb.png") { $0.scalesBytes = false }
        let grey = try Fixture.numbers(Fixture.expected("grey-of-colours"))
        // The Python Imaging Library rounds to whole numbers.
        #expect(isClose(try colours.samples(0..<1, shape: [13, 11, 1]), grey, within: 0.501))
        let one = try Fixture.open("pictures/grey.png") { $0.scalesBytes = false }
        let plain = try one.samples(0..<1, shape: [13, 11, 1])
        #expect(try one.samples(0..<1, shape: [13, 11, 3]) == plain.flatMap { [$0, $0, $0] })
    }

    @Test func aFolderForEachClass() throws {
        let data = try Fixture.open("classes")
        #expect(data.classNames == ["ant", "bee", "cat"])
        #expect(data.labels == [0, 0, 0, 1, 1, 2, 2])
        #expect(data.totalCount == 9)
        let names = data.skipped.map { $0.path.replacing(Fixture.folder.path + "/", with: "") }
        #expect(names == ["classes/bee/1.png", "classes/cat/2.png"])
        #expect(data.skipped[0].reason.hasPrefix("the PNG is damaged ("))
        #expect(data.skipped[1].reason == "this is neither PNG nor JPEG")
        // Resized to what the model takes, and scaled.
        let shape = [3, 3, 3]
        #expect(try data.treatment(shape: shape) == "resized to 3×3 (bilinear), × 1/255")
        let expected: [Float] = [0, 10, 20, 40, 60, 80, 90].flatMap {
            Array(repeating: $0 / 255, count: 27)
        }
        #expect(isClose(try data.samples(0..<7, shape: shape), expected, within: 1e-6))
    }

    @Test func strictlyNothingIsSkipped() throws {
        #expect(
            try Fixture.sentence { _ = try Fixture.open("classes") { $0.isStrict = true } }
                .hasPrefix("classes/bee/1.png: the PNG is damaged ("))
    }

    @Test func aFolderWithoutClasses() throws {
        let data = try Fixture.open("classes/ant")
        #expect(data.labels == nil)
        #expect(data.classNames == nil)
        #expect(data.count == 3)
    }
}
