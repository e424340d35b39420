package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.ln

/**
 * A displacement of the unit square, thin-plate spline through control points (Bookstein 1989): kernel
 * U(r) = r^2 log r^2, eight fixed points on the border. The same as `fit_warp` of the Python package. To be fitted
 * again and again without allocating.
 *
 * @param points how many
 */
class ThinPlateSpline(private val points: Int) {
    private val count = points + ANCHORS.size / 2
    private val size = count + 3
    private val sites = DoubleArray(2 * count)
    private val rows = Array(size) { DoubleArray(size + 2) } // the last two columns become the weights

    init {
        ANCHORS.copyInto(sites, 2 * points)
    }

    /** Writes the displacement at (x, y) to [into] at 0 and 1. */
    fun displacement(x: Double, y: Double, into: DoubleArray) {
        for (axis in 0..1) into[axis] =
            rows[count][size + axis] * x + rows[count + 1][size + axis] * y + rows[count + 2][size + axis]
        for (n in 0 until count) {
            val u = kernel(x - sites[2 * n], y - sites[2 * n + 1])
            into[0] += rows[n][size] * u
            into[1] += rows[n][size + 1] * u
        }
    }

    /**
     * Backward mapping: at [target] the displacement leads to [source]; x, y, x, y, ... in 0..1.
     *
     * @param regularization 0 passes through the points; more bends less
     */
    fun fit(source: DoubleArray, target: DoubleArray, regularization: Double) {
        require(source.size == 2 * points && target.size == 2 * points) { "${target.size / 2} points, not $points" }
        target.copyInto(sites)
        for (i in 0 until count) {
            for (j in 0 until count) {
                rows[i][j] = kernel(sites[2 * i] - sites[2 * j], sites[2 * i + 1] - sites[2 * j + 1])
            }
            rows[i][i] += regularization + RIDGE
            for (k in 0..2) {
                val value = if (k < 2) sites[2 * i + k] else 1.0
                rows[i][count + k] = value
                rows[count + k][i] = value
            }
            for (axis in 0..1) {
                rows[i][size + axis] = if (i < points) source[2 * i + axis] - target[2 * i + axis] else 0.0
            }
        }
        for (k in count until size) {
            rows[k].fill(0.0, count, size + 2)
            rows[k][k] = -RIDGE
        }
        solve()
    }

    /** Gauss with pivots, in place. */
    private fun solve() {
        for (k in 0 until size) {
            var best = k
            for (i in k + 1 until size) if (abs(rows[i][k]) > abs(rows[best][k])) best = i
            val pivot = rows[best]
            rows[best] = rows[k]
            rows[k] = pivot
            for (i in 0 until size) {
                if (i == k || rows[i][k] == 0.0) continue
                val factor = rows[i][k] / pivot[k]
                for (j in k until size + 2) rows[i][j] -= factor * pivot[j]
            }
        }
        for (k in 0 until size) for (j in size until size + 2) rows[k][j] /= rows[k][k]
    }

    private companion object {
        const val RIDGE = 1e-6 // keeps the system solvable whatever the sites
        val ANCHORS = doubleArrayOf(
            0.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.5, 1.0, 0.5, 0.0, 1.0, 0.5, 1.0, 1.0, 1.0,
        )

        fun kernel(dx: Double, dy: Double): Double {
            val squared = dx * dx + dy * dy
            return if (squared == 0.0) 0.0 else squared * ln(squared)
        }
    }
}
