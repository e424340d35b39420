package dev.stylizer.core

import dev.stylizer.core.landmarks.Mesh
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.sin
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

private const val SIDE = 32

/** Networks of the right shapes that find these faces and draw the photo's negative; counts those that are open. They
 * allocate nothing when they run. */
private class FakeRunners(
    val onOpen: (Accelerator) -> Unit = {}, val onDraw: (Accelerator) -> Unit = {},
    val faces: List<FakeFace> = emptyList(), val side: Int = SIDE,
) : RunnerFactory {
    val open = AtomicInteger()
    val opened = AtomicInteger()

    /** The mesh network sees no face in what it is shown. */
    @Volatile var blind = false
    val models = object : ModelStore {
        override val styles = listOf("one", "two")
        override fun style(name: String, accelerator: Accelerator) = TestFiles.models.style("sketch", accelerator)
        override fun faceBoxes(): ByteBuffer = ByteBuffer.allocateDirect(1)
        override fun faceMesh(): ByteBuffer = ByteBuffer.allocateDirect(2)
    }

    override fun open(model: ByteBuffer, accelerator: Accelerator, threads: Int): Runner {
        val kind = model.capacity()
        if (kind > 2) onOpen(accelerator)
        open.incrementAndGet()
        opened.incrementAndGet()
        return object : Runner {
            private val owner = Thread.currentThread()
            override val accelerator = accelerator
            override val inputs = when (kind) {
                1 -> listOf(floats("image", 1, 128, 128, 3))
                2 -> listOf(floats("image", 1, 192, 192, 3))
                else -> listOf(floats("grain", 1, side / 2, side / 2, 4), floats("image", 1, side, side, 3))
            }
            override val outputs = when (kind) {
                1 -> listOf(floats("boxes", 1, 896, 16), floats("scores", 1, 896, 1))
                2 -> listOf(floats("points", 1, 1, 1, 1404), floats("score", 1, 1, 1, 1))
                else -> listOf(floats("drawing", 1, side, side, 3))
            }

            override fun run(inputs: List<ByteBuffer>, outputs: List<ByteBuffer>) {
                check(Thread.currentThread() === owner) { "run on another thread" }
                for (n in outputs.indices) outputs[n].rewind()
                when (kind) {
                    1 -> {
                        while (outputs[1].hasRemaining()) outputs[1].putFloat(-10f)
                        for (n in faces.indices) faces[n].put(outputs[0], outputs[1])
                    }
                    2 -> {
                        for (n in FAKE_MESH.indices) outputs[0].putFloat(FAKE_MESH[n])
                        outputs[1].putFloat(if (blind) -10f else 10f)
                    }
                    else -> {
                        onDraw(accelerator)
                        inputs[1].rewind()
                        while (inputs[1].hasRemaining()) outputs[0].putFloat((1 - inputs[1].getFloat()) / 2)
                    }
                }
            }

            override fun close() {
                check(Thread.currentThread() === owner) { "closed on another thread" }
                open.decrementAndGet()
            }
        }
    }

    private fun floats(name: String, vararg shape: Int) = TensorInfo(name, shape.toList(), ElementType.FLOAT32, 0f, 0)
}

private const val TILT = 0.6 // of the faces, radians

/** A face as the detector's network sees it: at an anchor, of a size in its 128 pixels, aslant. */
private class FakeFace(val anchor: Int, val size: Float) {
    private val eyeX = size / 5 * cos(TILT).toFloat()
    private val eyeY = size / 5 * sin(TILT).toFloat()
    private val box = floatArrayOf(0f, 0f, size, size, -eyeX, -eyeY, eyeX, eyeY)

    fun put(boxes: ByteBuffer, scores: ByteBuffer) {
        for (n in box.indices) boxes.putFloat(4 * (16 * anchor + n), box[n])
        scores.putFloat(4 * anchor, 3f + size / 100)
    }
}

/** As the mesh network of 192 pixels gives it: a face in a circle. */
private val FAKE_MESH = FloatArray(3 * Mesh.POINTS).also { points ->
    fun put(vertex: Int, x: Double, y: Double, radius: Double, angle: Double) {
        points[3 * vertex] = (x + radius * cos(angle)).toFloat()
        points[3 * vertex + 1] = (y + radius * sin(angle)).toFloat()
    }
    for (n in 0 until Mesh.POINTS) put(n, 96.0, 96.0, 64.0, 0.1 * n)
    for ((n, vertex) in listOf(1, 3, 6, 8).withIndex()) { // none of the 68; keep the upright box as large as it is
        put(vertex, 96.0, 96.0, 64.0, n * PI / 2 - TILT)
    }
    val vertices = DoubleArray(136)
    Mesh(DoubleArray(2 * Mesh.POINTS) { it / 2.0 }).controlPoints(vertices)
    for (n in 0 until 68) {
        val vertex = vertices[2 * n].toInt()
        when (n) {
            in 0..16 -> put(vertex, 96.0, 96.0, 56.0, PI - PI * n / 16)
            in 17..26 -> put(vertex, 66.0 + 6.6 * (n - 17), 64.0, 0.0, 0.0)
            in 27..35 -> put(vertex, 80.0 + 4 * (n - 27), 74.0 + 5 * (n % 5), 0.0, 0.0)
            in 36..41 -> put(vertex, 76.0, 80.0, 6.0, PI + (n - 36) * PI / 3)
            in 42..47 -> put(vertex, 116.0, 80.0, 6.0, PI + (n - 42) * PI / 3)
            else -> put(vertex, 96.0, 128.0, if (n < 60) 16.0 else 8.0, PI + (n - 48) * PI / 6)
        }
    }
}

private class Seen(val block: (Picture) -> Unit = {}) : LivePipeline.Listener {
    val greys = ArrayList<Int>()
    val reports = ArrayList<Report>()
    val errors = ArrayList<String>()
    val count = Semaphore(0)

    override fun onFrame(drawn: Picture, report: Report) {
        block(drawn)
        synchronized(this) {
            greys += red(drawn.pixels[0])
            reports += report
        }
        count.release()
    }

    override fun onError(message: String) {
        synchronized(this) { errors += message }
        count.release()
    }

    fun await(frames: Int) = assertTrue("no frame came", count.tryAcquire(frames, 20, TimeUnit.SECONDS))
}

/** Bytes that a thread allocates between readings. */
private class AllocationMeter(val name: String, private val thread: Thread) {
    private val counter = ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean
    private var last = 0L
    private var sum = 0L
    private var count = 0

    /** A mean of those readings that count. */
    val mean: Double get() = sum.toDouble() / count

    fun read(counts: Boolean) {
        val now = counter.getThreadAllocatedBytes(thread.id)
        if (counts) {
            sum += now - last
            count++
        }
        last = now
    }
}

class LivePipelineTest {
    private fun LivePipeline.show(n: Int): Boolean = offer(n / 30.0) { it.pixels.fill(rgb(n, n, n)) }

    private fun pipeline(runners: FakeRunners, seen: Seen) =
        LivePipeline(runners.models, runners, seen, Settings("one"), SIDE)

    @Test(timeout = 60_000)
    fun `the newest frame is drawn, and what came before is dropped`() {
        val entered = Semaphore(0)
        val go = Semaphore(0)
        val runners = FakeRunners(onDraw = { entered.release(); go.acquire() })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            assertTrue(pipeline.show(1))
            entered.acquire() // the first is in work, the rest arrive meanwhile
            for (n in 2..60) {
                pipeline.show(n)
                Thread.sleep(2)
            }
            Thread.sleep(100)
            go.release(100)
            seen.await(2)
        }
        assertEquals(255 - 1, seen.greys[0])
        assertEquals("the newest of 60", 255 - 60, seen.greys.last())
        assertTrue("${seen.greys.size} of 60 were drawn", seen.greys.size <= 4)
        assertEquals(0, runners.open.get())
    }

    @Test(timeout = 60_000)
    fun `a GPU that refuses to open is replaced by the CPU, and the screen is told`() {
        val runners = FakeRunners(onOpen = {
            if (it == Accelerator.GPU) throw UnsupportedOperationException("no OpenCL")
        })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            pipeline.show(7)
            seen.await(1)
        }
        assertEquals(Accelerator.CPU, seen.reports[0].accelerator)
        assertEquals("no OpenCL", seen.reports[0].fallback)
        assertTrue(seen.errors.isEmpty())
        assertEquals(0, runners.open.get())
    }

    @Test(timeout = 60_000)
    fun `a GPU that fails at work is replaced by the CPU`() {
        val runs = AtomicInteger()
        val runners = FakeRunners(onDraw = {
            if (it == Accelerator.GPU && runs.incrementAndGet() == 3) throw RuntimeException("context lost")
        })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            for (n in 1..2) {
                pipeline.show(n)
                seen.await(1)
            }
            pipeline.show(3) // lost
            Thread.sleep(200)
            pipeline.show(4)
            seen.await(1)
        }
        assertEquals(listOf(Accelerator.GPU, Accelerator.GPU, Accelerator.CPU), seen.reports.map { it.accelerator })
        assertNull(seen.reports[0].fallback)
        assertEquals("context lost", seen.reports[2].fallback)
        assertEquals(0, runners.open.get())
    }

    @Test(timeout = 60_000)
    fun `if the CPU fails too, it says so and goes on`() {
        val broken = AtomicInteger(1)
        val runners = FakeRunners(onDraw = { if (broken.get() == 1) throw RuntimeException("out of memory") })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            pipeline.show(1) // the GPU fails, silently
            Thread.sleep(200)
            pipeline.show(2)
            seen.await(1)
            assertEquals(listOf("out of memory"), seen.errors)
            broken.set(0)
            pipeline.show(3)
            seen.await(1)
        }
        assertEquals(listOf(255 - 3), seen.greys)
    }

    private val threeFaces = listOf(
        FakeFace(2 * (3 * 16 + 3), 30f), FakeFace(2 * (3 * 16 + 12), 30f),
        FakeFace(2 * (8 * 16 + 8), 140f)) // larger than the picture

    @Test(timeout = 120_000)
    fun `a thousand frames leak and allocate nothing`() = frames(emptyList(), 0.5f)

    @Test(timeout = 120_000)
    fun `nor do they with faces to bend and to draw on their own`() = frames(threeFaces, 0.5f)

    @Test(timeout = 120_000)
    fun `nor with faces that are lost, forgotten and found again`() = frames(threeFaces, 0f) { it % 100 in 40..60 }

    /** The last thousand of 1300 are measured. The mesh network sees nothing while it is [blind]. */
    private fun frames(faces: List<FakeFace>, exaggeration: Float, blind: (Int) -> Boolean = { false }) {
        val side = 64
        val draws = AtomicInteger()
        val runners = FakeRunners(onDraw = { draws.incrementAndGet() }, faces = faces, side = side)
        val shown = Semaphore(0)
        val newest = AtomicReference<Report>()
        val error = AtomicReference<String>()
        val listener = object : LivePipeline.Listener { // which allocates nothing
            override fun onFrame(drawn: Picture, report: Report) {
                newest.set(report)
                shown.release()
            }

            override fun onError(message: String) = error.set(message)
        }
        var frame = 0
        var expectedDraws = 0
        val fill: (Picture) -> Unit = { checkered(it, frame) }
        val offering = AllocationMeter("offering", Thread.currentThread())
        val tracking: AllocationMeter
        val drawing: AllocationMeter
        var drawn = 0
        LivePipeline(runners.models, runners, listener, Settings("one", 0.8f, exaggeration), side).use { pipeline ->
            val threads = Thread.getAllStackTraces().keys
            tracking = AllocationMeter("tracking", threads.single { it.name == "stylizer-track" })
            drawing = AllocationMeter("drawing", threads.single { it.name == "stylizer-draw" })
            while (frame < 1300) {
                frame++
                val warm = frame > 300
                val before = newest.get()
                runners.blind = blind(frame)
                expectedDraws += if (runners.blind) 1 else 1 + faces.size
                offering.read(counts = false)
                while (!pipeline.offer(frame / 30.0, fill)) Thread.sleep(1)
                offering.read(counts = warm)
                assertTrue("no frame came: $error", shown.tryAcquire(20, TimeUnit.SECONDS))
                tracking.read(counts = warm)
                drawing.read(counts = warm && newest.get() === before) // four times a second there is a new report
            }
            drawn = draws.get()
            // the newest report may be of a quarter of a second ago, when faces were still lost
            val deadline = System.nanoTime() + 20_000_000_000L
            while (newest.get().faces != faces.size && System.nanoTime() < deadline) {
                frame++
                Thread.sleep(20)
                while (!pipeline.offer(frame / 30.0, fill)) Thread.sleep(1)
                assertTrue("no frame came: $error", shown.tryAcquire(20, TimeUnit.SECONDS))
            }
        }
        assertNull(error.get())
        assertEquals(faces.size, newest.get().faces)
        assertEquals("pictures drawn", expectedDraws.toDouble(), drawn.toDouble(), 30.0)
        assertEquals("networks still open", 0, runners.open.get())
        assertEquals("networks opened", 3, runners.opened.get())
        val left = Thread.getAllStackTraces().keys.map { it.name }.filter { it.startsWith("stylizer-") }
        assertEquals("threads", emptyList<String>(), left)
        for (meter in listOf(offering, tracking, drawing)) {
            val said = "%s allocates %.1f bytes a frame".format(meter.name, meter.mean)
            println("live: $said with ${faces.size} faces")
            assertTrue(said, meter.mean < 8) // the smallest object has 16; Java itself loads things now and then
        }
    }

    /** Something that motion can hold on to, shifting slowly. */
    private fun checkered(into: Picture, n: Int) {
        for (y in 0 until into.height) for (x in 0 until into.width) {
            val grey = if ((x + n / 3) / 8 % 2 == y / 8 % 2) 200 else 60
            into.pixels[y * into.width + x] = rgb(grey, grey, grey)
        }
    }

    @Test(timeout = 60_000)
    fun `another style is taken up at the next frame, and the one before is closed`() {
        val runners = FakeRunners()
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            pipeline.show(1)
            seen.await(1)
            pipeline.settings = Settings("two", strength = 0f)
            pipeline.show(2)
            seen.await(1)
            assertEquals(3, runners.open.get())
        }
        assertEquals(listOf(254, 2), seen.greys)
    }

    @Test(timeout = 60_000)
    fun `closing waits for the frame in work, and is fast when idle`() {
        val entered = CountDownLatch(1)
        val go = CountDownLatch(1)
        val seen = Seen()
        val pipeline = pipeline(FakeRunners(onDraw = { entered.countDown(); go.await() }), seen)
        pipeline.show(1)
        entered.await()
        val closing = Thread { pipeline.close() }.apply { start() }
        closing.join(200)
        assertTrue("closed under a frame in work", closing.isAlive)
        go.countDown()
        closing.join(10_000)
        assertFalse(closing.isAlive)
        assertFalse("takes frames after its end", pipeline.show(2))
        repeat(20) { pipeline(FakeRunners(), Seen()).close() }
    }

    @Test(timeout = 60_000)
    fun `a model that cannot be read is one sentence`() {
        val seen = Seen()
        val runners = FakeRunners()
        val models = object : ModelStore by runners.models {
            override fun style(name: String, accelerator: Accelerator): ByteBuffer = ByteBuffer.allocateDirect(100)
        }
        LivePipeline(models, runners, seen, Settings("one"), SIDE).use { pipeline ->
            pipeline.show(1)
            seen.await(1)
            for (n in 2..20) { // not once a frame
                while (!pipeline.show(n)) Thread.sleep(1)
                Thread.sleep(5)
            }
        }
        assertEquals(listOf("no .tflite file"), seen.errors)
    }
}
