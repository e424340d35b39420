package dev.stylizer.core.landmarks

import dev.stylizer.core.Accelerator
import dev.stylizer.core.Picture
import dev.stylizer.core.TestFiles
import dev.stylizer.core.blue
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import dev.stylizer.core.green
import dev.stylizer.core.red
import dev.stylizer.core.rgb
import java.io.File
import java.util.Random
import kotlin.math.sqrt
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class FaceTrackerTest {
    private val boxes = FaceBoxes(TestFiles.cpu.open(TestFiles.models.faceBoxes(), Accelerator.CPU, 1))
    private val network = MeshNetwork(TestFiles.cpu.open(TestFiles.models.faceMesh(), Accelerator.CPU, 1))
    private val tracker = FaceTracker(boxes, network)
    private val faces = Array(3) { Mesh() }
    private val portrait = TestFiles.picture(File(TestFiles.golden, "00.png"))
    private val random = Random(0)

    @After
    fun close() {
        boxes.close()
        network.close()
    }

    private fun frame(map: Affine, noise: Double = 4.0) = Picture(512, 512).also { seen ->
        warp(portrait, map.inverse(), seen, Border.REPLICATE)
        for ((n, pixel) in seen.pixels.withIndex()) {
            fun noisy(value: Int) = Math.round(value + noise * random.nextGaussian()).toInt().coerceIn(0, 255)
            seen.pixels[n] = rgb(noisy(red(pixel)), noisy(green(pixel)), noisy(blue(pixel)))
        }
    }

    @Test
    fun `a face at rest does not tremble, and the detector runs four times a second`() {
        val small = Affine(0.6, 0.0, 100.0, 0.0, 0.6, 100.0)
        val positions = (0 until 60).map { n ->
            assertEquals(1, tracker.track(frame(small), n / 30.0, faces))
            faces[0].points.clone()
        }.drop(20)
        val means = DoubleArray(2 * Mesh.POINTS) { k -> positions.sumOf { it[k] } / positions.size }
        val squares = positions.sumOf { p -> p.indices.sumOf { (p[it] - means[it]) * (p[it] - means[it]) } }
        val jitter = sqrt(squares / positions.size / Mesh.POINTS)
        println("tracking: jitter at rest %.3f %% of the face".format(100 * jitter / faces[0].size))
        assertTrue("jitter ${jitter / faces[0].size}", jitter / faces[0].size < 0.002)
        assertTrue("${tracker.searches} searches in two seconds", tracker.searches in 6..10)
    }

    @Test
    fun `follows a face that moves`() {
        repeat(30) { n ->
            val shift = 4.0 * n
            assertEquals(1, tracker.track(frame(Affine(0.5, 0.0, 40 + shift, 0.0, 0.5, 120.0)), n / 30.0, faces))
            if (n > 5) assertEquals(40 + shift + 128, faces[0].centerX, 25.0)
        }
    }

    @Test
    fun `finds a face again that was gone, and reports none while it is`() {
        val empty = Picture(512, 512).apply { pixels.fill(rgb(120, 130, 140)) }
        assertEquals(1, tracker.track(frame(Affine()), 0.0, faces))
        for (n in 1..10) assertEquals(0, tracker.track(empty, n / 30.0, faces))
        assertEquals(1, tracker.track(frame(Affine()), 11 / 30.0, faces))
    }

    @Test
    fun `several faces come largest first`() {
        val group = TestFiles.picture(File(TestFiles.golden, "19.png"))
        assertEquals(2, tracker.track(group, 0.0, faces))
        assertTrue(faces[0].size > faces[1].size)
    }
}
