/// An image's numbers, row-major, channels last.
struct Raster: Hashable, Sendable {
    var height: Int
    var width: Int
    var channels: Int
    var values: [Float]

    /// The image that the values are if they stand with their channels first.
    func channelsLast() -> Raster {
        var image = self
        let size = height * width
        for pixel in 0..<size {
            for channel in 0..<channels {
                image.values[pixel * channels + channel] = values[channel * size + pixel]
            }
        }
        return image
    }

    /// The values with their channels first.
    func channelsFirst() -> [Float] {
        var first = values
        let size = height * width
        for pixel in 0..<size {
            for channel in 0..<channels {
                first[channel * size + pixel] = values[pixel * channels + channel]
            }
        }
        return first
    }

    /// The brightness of three channels red, green, blue.
    ///
    /// Source: ITU-R BT.601, in the weights that the Python Imaging Library uses, 19595, 38470 and 7471 of 65536.
    func grey() -> Raster {
        var image = Raster(height: height, width: width, channels: 1, values: [])
        image.values = (0..<height * width).map { pixel in
            (values[3 * pixel] * 19595 + values[3 * pixel + 1] * 38470
                + values[3 * pixel + 2] * 7471) / 65536
        }
        return image
    }

    /// The one channel as several equal ones.
    func repeated(_ count: Int) -> Raster {
        var image = self
        image.channels = count
        image.values = values.flatMap { Array(repeating: $0, count: count) }
        return image
    }

    /// The channels in reverse.
    func reversed() -> Raster {
        var image = self
        for pixel in 0..<height * width {
            for channel in 0..<channels {
                image.values[pixel * channels + channel] =
                    values[pixel * channels + channels - 1 - channel]
            }
        }
        return image
    }

    /// The image at another size.
    ///
    /// As `keras.ops.image.resize` without smoothing does it: the centre of pixel `i` lies at `i + ½`.
    func resized(
        height newHeight: Int, width newWidth: Int, _ method: Preprocessing.ResizeMethod
    ) -> Raster {
        if newHeight == height, newWidth == width { return self }
        let rows = Taps(from: height, to: newHeight, method)
        let columns = Taps(from: width, to: newWidth, method)
        var image = Raster(height: newHeight, width: newWidth, channels: channels, values: [])
        image.values.reserveCapacity(newHeight * newWidth * channels)
        for row in 0..<newHeight {
            let (top, bottom) = (rows.lower[row] * width, rows.upper[row] * width)
            let down = rows.share[row]
            for column in 0..<newWidth {
                let (left, right) = (columns.lower[column], columns.upper[column])
                let across = columns.share[column]
                for channel in 0..<channels {
                    func value(_ pixel: Int) -> Float { values[pixel * channels + channel] }
                    let (a, b) = (value(top + left), value(top + right))
                    let (c, d) = (value(bottom + left), value(bottom + right))
                    let upper = a + (b - a) * across
                    let lower = c + (d - c) * across
                    image.values.append(upper + (lower - upper) * down)
                }
            }
        }
        return image
    }

    /// For each new pixel along one axis, the two old ones that make it, and the share of the second.
    private struct Taps {
        var lower: [Int] = []
        var upper: [Int] = []
        var share: [Float] = []

        init(from old: Int, to new: Int, _ method: Preprocessing.ResizeMethod) {
            let scale = Float(old) / Float(new)
            for index in 0..<new {
                let center = (Float(index) + 0.5) * scale
                switch method {
                case .nearest:
                    let nearest = min(max(Int(center.rounded(.down)), 0), old - 1)
                    lower.append(nearest)
                    upper.append(nearest)
                    share.append(0)
                case .bilinear:
                    let place = center - 0.5
                    let floor = place.rounded(.down)
                    lower.append(min(max(Int(floor), 0), old - 1))
                    upper.append(min(max(Int(place.rounded(.up)), 0), old - 1))
                    share.append(place - floor)
                }
            }
        }
    }
}
