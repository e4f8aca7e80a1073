"""数据共享交换: who asked for which columns of which table, who allowed it, and every delivery that left."""
